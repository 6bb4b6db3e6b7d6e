"""What earns a release: suites against the served pipeline, a ledger of people, a pure gate."""

__all__: list[str] = []
