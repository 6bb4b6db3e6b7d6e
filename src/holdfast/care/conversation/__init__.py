"""One pipeline for web, JSON API and terminal: notice, detection, route, engine, review, reply and trace."""

__all__: list[str] = []
