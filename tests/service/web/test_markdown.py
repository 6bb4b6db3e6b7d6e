"""Claims about text on pages: nothing but paragraphs, lists, emphasis and links within this site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.service.web.markdown import render_article, render_markdown


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](https://elsewhere.example)",
        "[x](//elsewhere.example)",
        "![x](https://elsewhere.example/i.png)",
        "<https://elsewhere.example>",
        "[x]: https://elsewhere.example\n\n[x]",
    ],
)
def test_no_script_image_or_way_off_the_site_gets_through(text: str) -> None:
    html = render_markdown(text)
    for harm in ("<script", "<img", "href=", "onerror=alert(1)>"):
        assert harm not in html.replace("onerror=alert(1)&gt;", "")


def test_site_links_lists_and_emphasis_are_kept() -> None:
    html = render_markdown("**a** *b*\n\n- [c](/learn/x#y)\n")
    assert "<strong>a</strong> <em>b</em>" in html
    assert '<li><a href="/learn/x#y">c</a></li>' in html


def test_a_models_citation_becomes_a_link_to_its_passage() -> None:
    html = render_markdown("Sleep at set times. [sleep-insomnia#what-helps]")
    assert '<a href="/learn/sleep-insomnia#what-helps">(source)</a>' in html


def test_source_marks_link_on_the_article_and_are_left_out_elsewhere() -> None:
    assert 'href="#source-who-2023"' in render_article("Text. [@who-2023]")
    assert "who-2023" not in render_markdown("Text. [@who-2023]")


@given(st.text(max_size=300))
def test_nothing_typed_becomes_markup_of_another_kind(text: str) -> None:
    html = render_markdown(text)
    for tag in ("<script", "<style", "<img", "<iframe", "<form", "<input"):
        assert tag not in html.lower()
