"""What a person agreed to, purpose by purpose; withdrawing stops it and purges what it kept."""

__all__: list[str] = []
