"""Who is at the other end: pseudonymous persons, and stewards with a name, a passphrase and a role."""

__all__: list[str] = []
