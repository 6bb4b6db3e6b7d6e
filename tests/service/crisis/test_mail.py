"""Claims about e-mail: a real server takes it, and one that does not is noticed."""

import email
from dataclasses import replace
from email.message import EmailMessage
from uuid import UUID

import pytest

from holdfast.safety.detection.verdict import Category, Level
from holdfast.service.crisis.mail import MailServer, MailSink, compose
from holdfast.service.crisis.sink import Page, UndeliveredError
from mail_server import Post

PAGE = Page(
    id=UUID(int=7),
    alert_id=UUID(int=8),
    stage=1,
    level=Level.CRISIS,
    categories=(Category.SUICIDE, Category.SELF_HARM),
    is_drill=False,
    link="https://help.example/steward",
)


def sink(port: int, *, second: tuple[str, ...] = ()) -> MailSink:
    server = MailServer(host="127.0.0.1", port=port, security="none")
    return MailSink(
        sender="holdfast@help.example",
        first_to=("ann@help.example", "bob@help.example"),
        second_to=second,
        deliver=server.deliver,
    )


async def test_a_server_takes_the_message_for_everybody_it_is_for() -> None:
    with Post() as server:
        await sink(server.port).send(PAGE)
    assert server.receivers == ["ann@help.example", "bob@help.example"]
    (raw,) = server.messages
    read = email.message_from_string(raw)
    assert read["Subject"] == "Holdfast: an alert waits: crisis"
    assert read["Message-ID"] == f"<{PAGE.id}@help.example>"
    body = str(read.get_payload())
    assert "Kinds: suicide, self harm" in body
    assert "https://help.example/steward" in body


async def test_the_second_message_goes_to_the_second_address_where_there_is_one() -> None:
    with Post() as server:
        await sink(server.port, second=("chief@help.example",)).send(replace(PAGE, stage=2))
        await sink(server.port).send(replace(PAGE, stage=2))
    assert server.receivers == ["chief@help.example", "ann@help.example", "bob@help.example"]
    assert "waits again" in server.messages[0]


@pytest.mark.parametrize("refused", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_refuses_is_a_message_not_taken(refused: str) -> None:
    with Post(refuse=refused) as server, pytest.raises(UndeliveredError, match="must be taken by its receiver"):
        await sink(server.port).send(PAGE)


async def test_a_server_that_is_not_there_is_a_message_not_taken() -> None:
    with pytest.raises(UndeliveredError, match="got ConnectionRefusedError"):
        await sink(9).send(PAGE)


def test_a_drill_says_so_first_of_all() -> None:
    drill = compose(replace(PAGE, is_drill=True), sender="a@b.example", receivers=("c@d.example",))
    assert drill["Subject"].startswith("Holdfast drill:")
    assert drill.get_content().startswith("This is a drill. Nobody is at risk.")


def test_sent_again_it_is_the_same_message() -> None:
    first, again = (compose(PAGE, sender="a@b.example", receivers=("c@d.example",)) for _ in range(2))
    assert isinstance(first, EmailMessage)
    assert first["Message-ID"] == again["Message-ID"]
    assert first.as_string() == again.as_string()
