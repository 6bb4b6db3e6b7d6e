"""The JSON API under ``/api/v1``: bearer tokens only, never cookies; one file per resource."""

__all__: list[str] = []
