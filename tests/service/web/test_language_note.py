"""Claims about a person who writes in another language, as the pages meet them."""

from web_visitor import Clock, Visitor

from holdfast.care.conversation.languages import load_languages

SPANISH, ARABIC = load_languages().value.by_tag["es"], load_languages().value.by_tag["ar"]
TIRED = "No duermo bien y estoy muy cansada"


def test_the_line_is_marked_with_its_language_leads_to_help_and_is_given_once(visitor: Visitor, clock: Clock) -> None:
    visitor.agree("conversation")
    page = visitor.say(TIRED).text
    assert f'lang="es" dir="ltr"><p>{SPANISH.text}</p>' in page
    assert f'<a href="/help">{SPANISH.help}</a>' in page
    assert visitor.say(f"{TIRED} hoy").text.count(SPANISH.text) == 1
    clock.forward(hours=2)
    assert visitor.say(TIRED).text.count(SPANISH.text) == 2


def test_whoever_agreed_to_nothing_is_told_once_and_arabic_runs_from_right_to_left(visitor: Visitor) -> None:
    assert f'lang="ar" dir="rtl"><p>{ARABIC.text}' in visitor.say("لا أستطيع النوم وأنا متعب جدا").text
    assert ARABIC.text not in visitor.say("أنا متعب جدا ولا أنام").text


def test_in_a_crisis_the_line_stands_after_the_crisis_text(visitor: Visitor) -> None:
    page = visitor.say("quiero quitarme la vida esta noche").text
    said = page.index('class="turn holdfast crisis"')
    first_words, note = page.index("<p>", page.index("</p>", said)), page.index(SPANISH.text)
    assert said < first_words < note < page.index("All numbers for where you are")


def test_a_foreign_word_in_english_is_met_with_nothing(visitor: Visitor) -> None:
    visitor.agree("conversation")
    assert 'dir="ltr"' not in visitor.say("my abuela said buenas noches and I miss her").text


def test_the_page_on_limits_names_every_language_and_how_much_is_found_in_it(visitor: Visitor) -> None:
    page = visitor.get("/about").text
    for learnt in load_languages().value.learnt:
        assert f'<span lang="{learnt.tag}" dir="{learnt.direction}">{learnt.own_name}</span>' in page
        assert f"({learnt.name}): {learnt.recall.share * 100:.0f} in 100" in page
