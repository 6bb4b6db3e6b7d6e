"""What must never fail: detection of risk, the crisis protocol, output review, jurisdiction."""

__all__: list[str] = ["crisis", "detection", "jurisdiction", "review"]
