"""What the law of a place asks, as data: notices, what stays switched off, what is published."""

__all__: list[str] = ["age", "duty", "feature", "policy", "table"]
