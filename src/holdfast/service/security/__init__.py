"""Guards at the edge: response headers, forged forms, sizes and rates."""

__all__ = ["body_size", "forgery", "headers", "rates"]
