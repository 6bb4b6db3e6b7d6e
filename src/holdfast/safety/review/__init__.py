"""Judge text before a person sees it, independently of detection and of whatever wrote it."""

__all__: list[str] = ["language", "normalise", "numbers", "review", "rules", "verdict"]
