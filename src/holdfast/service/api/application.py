"""The JSON API as an application of its own, mounted under ``/api/v1``."""

from fastapi import Depends, FastAPI

from holdfast import __version__
from holdfast.service.api.check_ins import router as check_ins
from holdfast.service.api.exercises import router as exercises
from holdfast.service.api.helping import router as helping
from holdfast.service.api.instruments import router as instruments
from holdfast.service.api.learning import router as learning
from holdfast.service.api.messages import router as messages
from holdfast.service.api.people import router as people
from holdfast.service.api.problems import PROBLEMS, add_problem_handlers
from holdfast.service.security.rates import limit_address

__all__ = ["make_api"]

_ABOUT = """
Holdfast for programs: learn, check in, practise, talk, and be met properly if something signals risk.

It is software for research use, not for care; it does not diagnose or treat. Calls carry `Authorization: Bearer` with
the token that `POST /people` gives, and never cookies. Wherever an answer holds `crisis`, show that first, word for
word, with the people to reach. Every failure is `{"error": code, "message": sentence}` and never repeats what was sent.
"""
_ROUTERS = (people, messages, learning, instruments, check_ins, exercises, helping)


def make_api() -> FastAPI:
    """Build the API. ``state.services`` is set by the application it is mounted in, when that starts."""
    api = FastAPI(
        title="Holdfast",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(limit_address)],
        responses=PROBLEMS,
    )
    for router in _ROUTERS:
        api.include_router(router)
    add_problem_handlers(api)
    return api
