"""Say messages to a pipeline in a process of its own, started for nothing else.

As a program it reads a JSON object with ``tier``, ``now`` and ``messages`` from its standard input and prints a list of
imprints. No words leave it.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.errors import EvidenceError
from holdfast.proof.suites.imprint import Imprint, imprint_of
from holdfast.proof.suites.transcript import converse

__all__ = ["FreshProcess", "main"]


@dataclass(frozen=True, kw_only=True)
class FreshProcess:
    """Starts a process for each call. ``now`` is an ISO 8601 time, with zone, at which its clock stands."""

    tier: str
    now: str

    async def __call__(self, messages: Sequence[str], *, seed: int) -> Sequence[Imprint]:
        """Return the imprint of each message, each said by somebody new, in order.

        Raises:
            EvidenceError: The process ended in an error or printed something else.
        """
        told = json.dumps({"tier": self.tier, "now": self.now, "messages": list(messages)})
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )
        printed, _ = await process.communicate(told.encode())
        return _read(printed, len(messages)) if process.returncode == 0 else _broke(process.returncode)


def _read(printed: bytes, count: int) -> list[Imprint]:
    try:
        data = json.loads(printed)
    except ValueError as error:
        raise EvidenceError("Fresh process must print JSON, and did not; run the suite again.") from error
    if not isinstance(data, list) or len(data) != count:
        raise EvidenceError("Fresh process must print one imprint a message, and did not; run the suite again.")
    return [Imprint.from_dict(one) for one in data]


def _broke(code: int | None) -> list[Imprint]:
    raise EvidenceError(f"Fresh process must end well, and ended with code {code}; see that holdfast starts.")


async def _said(told: Mapping[str, Any]) -> list[dict[str, str | None]]:
    from holdfast.proof.suites.served import as_served

    served = as_served(tier=told["tier"], now=datetime.fromisoformat(told["now"]))
    outcomes = [(await converse(served.conversation, (message,))).last for message in told["messages"]]
    return [imprint_of(outcome).to_dict() for outcome in outcomes]


def main() -> None:
    """Run as a program."""
    print(json.dumps(asyncio.run(_said(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
