"""Where it runs: the web application, storage, accounts, and one folder per resource."""

__all__: list[str] = []
