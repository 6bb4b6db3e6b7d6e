"""A person's crisis state as it is kept, and the queue of alerts that stewards answer."""

__all__: list[str] = []
