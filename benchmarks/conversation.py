"""Time the pipeline without a model over mixed messages: detection, retrieval, and the whole turn with its write.

Run: ``python benchmarks/conversation.py [--messages 5000] [--json out.json]``. In-process, SQLite on disk, one person
after another. Timings are wall-clock; compare ratios, since machines are shared.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from holdfast.care.conversation.state import Audience, Purpose
from holdfast.service.conversation.talk import take_turn
from holdfast.service.services import Services, build_services
from holdfast.service.storage.opening import opened
from holdfast.settings import load_settings

MESSAGES = (
    "hi",
    "What helps when I cannot sleep and keep worrying about work?",
    "what is a panic attack",
    "I feel so low lately, nothing is fun any more",
    "are you a real person?",
    "how do I support my sister with bipolar disorder",
    "write me a python script",
    "phq-4",
    "1",
    "Not at all",
    "stop",
    "this exam is killing me lol",
    "I had a fight with my mum and now I feel guilty about everything I said, and I do not know how to start again",
    "I don't want to be here any more",
    "what are the warning signs of suicide in teenagers",
    "thanks",
    "मुझे नींद नहीं आती",
    "how many mg of sertraline should I take",
    "breathing exercise",
    "not now",
)
"""Mixed on purpose: greetings, questions, feelings, check-ins, idioms, risk, other scripts, out of scope."""


async def measure(messages: int, people: int, seed: int) -> dict[str, dict[str, float]]:
    """Return percentiles in milliseconds of each step over ``messages`` turns of ``people`` people."""
    with tempfile.TemporaryDirectory() as folder:
        overrides: dict[str, Any] = {"data_dir": folder, "messages_per_minute": 1_000_000}
        settings = load_settings(config=None, environ={}, overrides=overrides)
        async with opened(settings) as database:
            services = build_services(settings, database, clock=lambda: datetime.now(UTC))
            return await _run(services, messages, people, random.Random(seed))


async def _run(services: Services, messages: int, people: int, rng: random.Random) -> dict[str, dict[str, float]]:
    ids = [await _person(services) for _ in range(people)]
    for message in MESSAGES:  # warm up
        await take_turn(services, ids[0], message)
    timings: dict[str, list[float]] = {"detection": [], "retrieval": [], "pipeline": [], "whole turn": []}
    for number in range(messages):
        message = rng.choice(MESSAGES)
        start = time.perf_counter()
        taken = await take_turn(services, ids[number % people], message)
        timings["whole turn"].append((time.perf_counter() - start) * 1000)
        steps = taken.outcome.trace.timings_ms
        timings["detection"].append(steps["detection"])
        timings["pipeline"].append(sum(steps.values()))
        start = time.perf_counter()
        services.parts.education.answer(message, audience=Audience.PUBLIC)
        timings["retrieval"].append((time.perf_counter() - start) * 1000)
        if sys.stderr.isatty() and number % 250 == 0:
            print(f"\r{number}/{messages}", end="", file=sys.stderr)
    return {name: _percentiles(values) for name, values in timings.items()}


async def _person(services: Services) -> Any:
    async with services.database.work() as work:
        person = await work.persons.create(services.clock())
        for purpose in Purpose:
            await work.consents.give(person, purpose, version=services.consent.version, now=services.clock())
    return person.id


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in _SHARES.items()}


_SHARES = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "max": 1.0}


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--people", type=int, default=250)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = asyncio.run(measure(given.messages, given.people, given.seed))
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    print(f"{given.messages} messages of {given.people} people; {machine}")
    print(f"{'milliseconds':<12}" + "".join(f"{name:>10}" for name in _SHARES))
    for step, row in result.items():
        print(f"{step:<12}" + "".join(f"{value:>10.2f}" for value in row.values()))
    if given.json:
        given.json.write_text(
            json.dumps({"machine": machine, "messages": given.messages, "milliseconds": result}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
