"""A person's chats and turns as they are kept: sealed, theirs alone."""

__all__: list[str] = []
