"""Turn a template and what it needs into a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from holdfast.service.security.forgery import form_token, keep_cookie
from holdfast.service.web.markdown import render_article, render_markdown
from holdfast.service.web.visitor import Visitor, keep_risk, keep_token, mirror_risk

__all__ = ["Pages", "make_pages"]

AnyResponse = TypeVar("AnyResponse", bound=Response)

TEMPLATES = Path(__file__).with_name("templates")

_TOPIC_NAMES = {"ocd": "OCD", "ptsd": "PTSD", "autism-and-adhd": "Autism and ADHD"}


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Renders pages. ``common`` is what every page shows: the tier and the longest message."""

    environment: Environment
    common: Mapping[str, Any]
    is_secure: bool

    def render(
        self, request: Request, visitor: Visitor, template: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Return the page, with the browser's cookies brought up to date."""
        values = {
            **self.common,
            "request": request,
            "form_token": form_token(request),
            "has_person": visitor.person_id is not None,
            "crisis_active": visitor.crisis.is_active,
            **context,
        }
        mirror_risk(request, visitor)
        html = self.environment.get_template(template).render(values)
        return self.finish(request, HTMLResponse(html, status_code=status))

    def redirect(self, request: Request, path: str) -> Response:
        """Send the browser on to another page of this site, to be opened with GET."""
        return self.finish(request, RedirectResponse(path, status_code=303))

    def finish(self, request: Request, response: AnyResponse) -> AnyResponse:
        """Bring the browser's cookies up to date on any response."""
        keep_cookie(request, response, is_secure=self.is_secure)
        keep_token(request, response, is_secure=self.is_secure)
        keep_risk(request, response, is_secure=self.is_secure)
        return response


def make_pages(*, tier: str, model: str, max_chars: int, is_secure: bool) -> Pages:
    """Prepare the templates. A name that a template misspells is an error, never an empty space."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["markdown"] = render_markdown
    environment.filters["article"] = render_article
    environment.filters["topic"] = topic_name
    common = {"tier": tier.capitalize(), "model": model, "max_chars": max_chars, "hide_crisis_banner": False}
    return Pages(environment=environment, common=common, is_secure=is_secure)


def topic_name(slug: str) -> str:
    """Return a topic's slug as people read it."""
    return _TOPIC_NAMES.get(slug, slug.replace("-", " ").capitalize())
