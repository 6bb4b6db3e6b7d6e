"""The stewards' console: sign in, look at alerts, acknowledge and clear them."""

__all__: list[str] = []
