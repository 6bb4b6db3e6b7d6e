"""The web application: pages, JSON API and the guards around them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from holdfast.language.model import LanguageModel
from holdfast.service.accounts.pages import router as accounts
from holdfast.service.api.application import make_api
from holdfast.service.api.problems import refuse_oversized as refuse_as_json
from holdfast.service.check_ins.pages import router as check_ins
from holdfast.service.consent.pages import router as consent
from holdfast.service.conversation.pages import router as conversation
from holdfast.service.conversation.recent_words import fading
from holdfast.service.crisis.overdue import warn_of_overdue
from holdfast.service.crisis.pages import router as crisis
from holdfast.service.crisis.watching import watching
from holdfast.service.education.pages import router as education
from holdfast.service.exercises.pages import router as exercises
from holdfast.service.exercises.plan import router as plan
from holdfast.service.home.pages import router as home
from holdfast.service.privacy.pages import router as privacy
from holdfast.service.privacy.upkeep import upkeep
from holdfast.service.security.body_size import BodySizeLimit
from holdfast.service.security.forgery import refuse_forged_forms
from holdfast.service.security.headers import SecurityHeaders
from holdfast.service.security.rates import limit_address
from holdfast.service.services import build_services
from holdfast.service.stewards.acts import router as steward_acts
from holdfast.service.stewards.pages import router as stewards
from holdfast.service.storage.opening import opened
from holdfast.service.web.failures import FailureEdge
from holdfast.service.web.oversized import refuse_oversized as refuse_as_page
from holdfast.service.web.problems import add_problem_handlers
from holdfast.service.web.rendering import make_pages
from holdfast.settings import Settings

__all__ = ["create_app"]

_STATIC = Path(__file__).parent / "web" / "static"
_ROUTERS = (
    *(home, conversation, education, check_ins, exercises, plan, crisis),
    *(consent, privacy, accounts, stewards, steward_acts),
)


class _CachedFiles(StaticFiles):
    """Static files that browsers may keep for an hour; they hold nothing about anyone."""

    def file_response(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def]
        """Add how long a browser may keep the file."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=3600"
        return response


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    language_model: LanguageModel | None = None,
) -> FastAPI:
    """Build the application. The database is opened and content loaded when it starts, not before.

    Args:
        settings: The settings, read once.
        clock: Returns the current time, with time zone.
        language_model: Replaces the one that ``settings.model`` names, for tests.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings) as database:
            services = build_services(settings, database, clock=clock, language_model=language_model)
            app.state.services = services
            app.state.form_key = database.keyring.derive("form tokens")
            app.state.pages = make_pages(
                tier=services.release.tier,
                model="none" if services.model.is_none else "on",
                max_chars=settings.max_message_chars,
                is_secure=settings.uses_secure_cookies,
            )
            api.state.services = services
            warn_of_overdue(services.parts.helplines, services.clock().date())
            async with upkeep(services), watching(services.escalator), fading(services.recent):
                yield
            await services.close()

    app = FastAPI(
        title="Holdfast",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(limit_address), Depends(refuse_forged_forms)],
    )
    api = make_api()
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/api/v1", api)
    app.mount("/static", _CachedFiles(directory=_STATIC), name="static")
    add_problem_handlers(app)
    app.add_middleware(FailureEdge)
    app.add_middleware(BodySizeLimit, max_bytes=settings.max_body_bytes, as_page=refuse_as_page, as_json=refuse_as_json)
    app.add_middleware(SecurityHeaders, is_https=settings.uses_secure_cookies)
    return app
