"""Markdown as pages show it: paragraphs, lists, emphasis, and links that stay on this site. Never raw HTML."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

__all__ = ["render_article", "render_markdown"]

_SITE_LINK = re.compile(r"(?:/(?!/)|#)[\w\-/#?=&.%]*")
_PASSAGE_MARK = re.compile(r"\[([a-z0-9-]+#[a-z0-9-]+)\](?!\()")
_CITATION_MARK = re.compile(r"\s*\[@([\w-]+)\]")


class _SiteRenderer(RendererHTML):
    """Renders headings two levels down, so that a text never outranks the page it stands on."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a heading no higher than the third level."""
        tokens[idx].tag = _lowered(tokens[idx].tag)
        return str(self.renderToken(tokens, idx, options, env))

    heading_close = heading_open


def _lowered(tag: str) -> str:
    return f"h{min(6, max(3, int(tag[1]) + 1))}"


_PARSER = MarkdownIt("zero", {"html": False, "linkify": False}, renderer_cls=_SiteRenderer).enable(
    ["list", "emphasis", "link", "newline", "escape", "heading", "blockquote"]
)
_PARSER.validateLink = lambda url: bool(_SITE_LINK.fullmatch(url))  # type: ignore[method-assign]


def render_markdown(text: str) -> Markup:
    """Return ``text`` as HTML. A model's citations become links to their passages; source marks are left out, since
    where a text is quoted, its sources stand beside it.
    """
    linked = _PASSAGE_MARK.sub(r"[(source)](/learn/\1)", _CITATION_MARK.sub("", text))
    return Markup(_PARSER.render(linked))  # noqa: S704 - the parser escapes and writes no raw HTML


def render_article(text: str) -> Markup:
    """Return ``text`` as HTML with each citation mark ``[@id]`` a link to the source at the foot of the page."""
    html = _PARSER.render(_CITATION_MARK.sub(r" [source](#source-\1)", text))
    html = html.replace('">source</a>', '" class="small" aria-label="source of this passage">source</a>')
    return Markup(html)  # noqa: S704 - the parser escapes and writes no raw HTML
