"""Claims about what memory holds of a conversation: little, for half an hour, and in the order it was said."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from web_visitor import Clock

from holdfast.safety.detection.default import SemanticLayer, default_detector
from holdfast.safety.detection.verdict import Level
from holdfast.service.conversation.recent_words import (
    HELD_FOR,
    MOST_CHARACTERS,
    MOST_EXCHANGES,
    Exchange,
    RecentWords,
    fading,
)
from holdfast.service.conversation.window import window_in_memory
from holdfast.turn import Role, Turn

ADA, BEN, CLEO = uuid4(), uuid4(), uuid4()


def said(words: RecentWords, person_id: object = ADA) -> list[str]:
    return [one.message for one in words.of(person_id)]  # type: ignore[arg-type]


def test_each_person_has_their_own_last_exchanges() -> None:
    words = RecentWords(Clock())
    words.add(ADA, "one", "reply", is_kept=False)
    words.add(BEN, "two", None, is_kept=True)
    assert said(words) == ["one"]
    assert said(words, BEN) == ["two"]
    assert said(words, CLEO) == []


def test_an_exchange_is_gone_after_half_an_hour_whatever_came_after_it() -> None:
    clock = Clock()
    words = RecentWords(clock)
    words.add(ADA, "one", "reply", is_kept=False)
    clock.forward(minutes=29)
    words.add(ADA, "two", "reply", is_kept=False)
    assert said(words) == ["one", "two"]
    clock.forward(minutes=1)
    assert said(words) == ["two"]


def test_a_clock_that_is_set_back_does_not_hold_words_longer() -> None:
    clock = Clock()
    words = RecentWords(clock)
    words.add(ADA, "one", "reply", is_kept=False)
    clock.forward(seconds=-1)
    assert said(words) == ["one"]
    clock.forward(hours=-12)
    assert said(words) == []


def test_messages_people_and_characters_are_bounded_and_the_oldest_go_first() -> None:
    words = RecentWords(Clock(), most_people=2)
    for number in range(MOST_EXCHANGES + 3):
        words.add(ADA, str(number), "reply", is_kept=False)
    assert said(words) == [str(number) for number in range(3, MOST_EXCHANGES + 3)]
    words.add(BEN, "x" * 100_000 + "end", "y" * 100_000 + "end", is_kept=False)
    (long,) = words.of(BEN)
    assert long.reply is not None
    assert (len(long.message), len(long.reply)) == (MOST_CHARACTERS, MOST_CHARACTERS)
    assert long.message.endswith("end")
    words.add(ADA, "again", "reply", is_kept=False)
    words.add(CLEO, "hello", "reply", is_kept=False)
    assert said(words, BEN) == []
    assert said(words)[-1] == "again"


def test_a_message_without_words_is_not_held() -> None:
    words = RecentWords(Clock())
    words.add(ADA, " \n", None, is_kept=False)
    assert words.of(ADA) == ()


def test_a_person_is_forgotten_and_nobody_else() -> None:
    words = RecentWords(Clock())
    words.add(ADA, "one", "reply", is_kept=False)
    words.add(BEN, "two", "reply", is_kept=False)
    words.forget(ADA)
    words.forget(None)
    assert (said(words), said(words, BEN)) == ([], ["two"])


async def test_what_is_old_leaves_memory_also_while_nobody_writes() -> None:
    clock = Clock()
    words = RecentWords(clock)
    words.add(ADA, "one", "reply", is_kept=False)
    async with fading(words, every_s=0.001):
        clock.forward(minutes=31)
        for _ in range(500):
            if not words._held:
                break
            await asyncio.sleep(0.002)
    assert words._held == {}


def test_no_word_is_in_the_repr_of_what_is_held() -> None:
    words = RecentWords(Clock())
    words.add(ADA, "quillfeather", "quillfeather", is_kept=False)
    assert "quillfeather" not in repr(words) + repr(words.of(ADA))


def exchange(minute: int, message: str, reply: str | None) -> Exchange:
    at = Clock().now + timedelta(minutes=minute)
    return Exchange(at=at, message=message, reply=reply, is_kept=False)


def test_what_was_refused_stands_before_the_question_that_is_still_open() -> None:
    turns = window_in_memory(
        [exchange(2, "too long", None), exchange(0, "hello", "Are you safe?"), exchange(1, "refused", None)]
    )
    assert turns == (
        Turn(Role.PERSON, "hello"),
        Turn(Role.PERSON, "refused"),
        Turn(Role.PERSON, "too long"),
        Turn(Role.ASSISTANT, "Are you safe?"),
    )


def test_a_yes_after_a_refused_message_still_answers_the_question() -> None:
    asked = [exchange(0, "hello", "Are you thinking about suicide?"), exchange(1, "a long story", None)]
    answered = (*window_in_memory(asked), Turn(Role.PERSON, "yes"))
    assert default_detector(semantic=SemanticLayer.OFF).detect(answered).level is Level.CRISIS


def test_the_docs_state_how_much_is_held_and_how_long() -> None:
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "privacy.md").read_text("utf-8")
    assert f"the last {MOST_EXCHANGES} messages" in page
    assert f"each for {HELD_FOR // timedelta(minutes=1)} minutes" in page
    assert f"the last {MOST_CHARACTERS:,} are held" in page
