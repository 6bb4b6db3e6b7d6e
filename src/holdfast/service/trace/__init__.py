"""Why every reply was what it was: an append-only chain of hashes over payloads that can be erased."""

__all__: list[str] = []
