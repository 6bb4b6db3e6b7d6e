"""Ask a reviewer for its verdict and fail closed: one that raises, hangs or answers nonsense has found something."""

import asyncio
import threading
import time
from concurrent.futures import Future

from holdfast.safety.review.verdict import Finding, Harm, OutputReview, ReviewContext, ReviewVerdict

__all__ = ["judge_now", "judge_soon", "judge_within"]


def judge_now(
    review: OutputReview, text: str, context: ReviewContext, *, budget_s: float, name: str = "reviewer"
) -> ReviewVerdict:
    """Return the verdict on ``text``, waited for however long it takes; one that took over ``budget_s`` is a finding.

    Never raises. For reviewers that cannot hang, and callers that are waited for with a budget of their own.
    """
    began = time.monotonic()
    try:
        verdict: object = review.review(text, context)
    except Exception as error:  # noqa: BLE001 - review fails closed, whatever broke
        return _broken(name, f"failed: {type(error).__name__}")
    if time.monotonic() - began > budget_s:
        return _broken(name, "took too long")
    return _sensible(verdict, name)


def judge_within(
    review: OutputReview, text: str, context: ReviewContext, *, budget_s: float, name: str = "reviewer"
) -> ReviewVerdict:
    """Return the verdict on ``text``, or a finding where none came in ``budget_s`` seconds. Never raises.

    ``name`` stands in the finding. A reviewer that hangs is left behind in a thread of its own, which does not keep the
    program from ending.
    """
    try:
        verdict: object = _begin(review, text, context).result(timeout=budget_s)
    except Exception as error:  # noqa: BLE001 - review fails closed, whatever broke
        return _broken(name, f"failed: {type(error).__name__}")
    return _sensible(verdict, name)


async def judge_soon(
    review: OutputReview, text: str, context: ReviewContext, *, budget_s: float, name: str = "reviewer"
) -> ReviewVerdict:
    """Return what ``judge_within`` returns, without holding up the event loop. Only cancelling it raises."""
    try:
        async with asyncio.timeout(budget_s):
            verdict: object = await asyncio.wrap_future(_begin(review, text, context))
    except Exception as error:  # noqa: BLE001 - review fails closed, whatever broke
        return _broken(name, f"failed: {type(error).__name__}")
    return _sensible(verdict, name)


def _begin(review: OutputReview, text: str, context: ReviewContext) -> "Future[object]":
    future: Future[object] = Future()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(review.review(text, context))
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits, which turns it into a finding
            future.set_exception(_as_ordinary(error))

    threading.Thread(target=run, name="output-review", daemon=True).start()
    return future


def _as_ordinary(error: BaseException) -> Exception:
    """Return ``error``, or a plain one in place of an exit or an interrupt raised by a reviewer."""
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


def _broken(name: str, reason: str) -> ReviewVerdict:
    finding = Finding(harm=Harm.UNREVIEWABLE, rule=f"{name} {reason}")
    return ReviewVerdict(findings=(finding,), version="failed")


def _sensible(verdict: object, name: str) -> ReviewVerdict:
    """Return ``verdict`` if it is one, else a finding: nonsense is no permission."""
    if (
        isinstance(verdict, ReviewVerdict)
        and isinstance(verdict.findings, tuple)
        and all(isinstance(found, Finding) and isinstance(found.harm, Harm) for found in verdict.findings)
        and isinstance(verdict.version, str)
    ):
        return verdict
    return _broken(name, "answered nonsense")
