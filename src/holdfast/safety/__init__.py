"""What must never fail: detection of risk, the crisis protocol, output review, privacy, jurisdiction."""

__all__: list[str] = ["crisis", "detection", "jurisdiction", "privacy", "review"]
