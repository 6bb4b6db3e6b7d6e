"""The arithmetic of the chain: what is hashed, in which order."""

import hashlib

from holdfast.service.storage.sealed_json import canonical

__all__ = ["GENESIS", "HEAD_PURPOSE", "digest_of", "head_message", "link_hash"]

GENESIS = "0" * 64
"""The hash before the first link."""

HEAD_PURPOSE = "signing the head of the trace"


def digest_of(salt: bytes, payload: bytes) -> str:
    """Return the SHA-256 of ``salt`` followed by ``payload`` (canonical JSON).

    The salt goes with the payload when it is erased; what is left cannot be guessed back from the digest.
    """
    return hashlib.sha256(salt + payload).hexdigest()


def link_hash(*, seq: int, at: str, kind: str, digest: str, prev_hash: str) -> str:
    """Return the SHA-256 of a link: its number, moment, kind, payload digest and the hash before it."""
    return hashlib.sha256(canonical([seq, at, kind, digest, prev_hash])).hexdigest()


def head_message(count: int, last_hash: str) -> str:
    """Return the text that is signed for a chain of ``count`` links ending in ``last_hash``."""
    return f"{count}:{last_hash}"
