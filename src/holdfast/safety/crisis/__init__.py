"""What happens once risk is signalled: a graded protocol of templates, helplines by country, a state that persists."""

__all__: list[str] = ["check_in", "clearing", "helplines", "protocol", "questions", "state", "template"]
