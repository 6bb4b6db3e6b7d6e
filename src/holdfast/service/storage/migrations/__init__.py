"""The schema's history, one step per file under ``versions``; run by ``storage.migrate``."""

__all__: list[str] = []
