"""Nobody reads or changes another's: every endpoint asked by a stranger, another person, a steward and the right one.

The table must name every route there is: a new one fails ``test_every_route_is_in_the_table`` until it is added.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.accounts.token import COOKIE, STEWARD_COOKIE
from holdfast.service.storage.work import Work
from served import Browser, Served

SECRET = "PLANTEDSECRET"
PASSPHRASE = "a long passphrase for tests"
API = "/api/v1"
CALLERS = ("anonymous", "other", "wrong_role", "right")


@dataclass(frozen=True)
class Row:
    """One endpoint, what is sent to it, and the status for each caller in the order of ``CALLERS``."""

    method: str
    path: str
    statuses: tuple[int, int, int, int]
    send: dict[str, Any] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)


OPEN = (200, 200, 200, 200)
MOVED = (303, 303, 303, 303)
OWN_PAGE = (403, 403, 403, 200)
OWN_MOVED = (403, 403, 403, 303)
KNOWN = (401, 200, 401, 200)
OWN = (401, 403, 401, 200)
ANSWERS = {str(number): 0 for number in (1, 2)}

PAGES = [
    Row("get", "/", OPEN),
    Row("get", "/about", OPEN),
    Row("get", "/healthz", OPEN),
    Row("get", "/help", OPEN),
    Row("post", "/help/region", MOVED, {"region": "GB"}),
    Row("get", "/protocol", OPEN),
    Row("get", "/protocol/file", OPEN),
    Row("get", "/learn", OPEN),
    Row("post", "/learn", OPEN, {"q": "what helps with sleep?"}),
    Row("get", "/learn/{article_id}", OPEN),
    Row("get", "/talk", OPEN),
    Row("post", "/talk", (200, 303, 200, 303), {"message": "what helps with sleep?"}),
    Row("post", "/talk/new", MOVED),
    Row("get", "/why/{turn_id}", OWN_PAGE),
    Row("get", "/consent", OPEN),
    Row("post", "/consent", MOVED, {"purpose": "conversation"}),
    Row("get", "/privacy", OPEN),
    Row("post", "/privacy/withdraw", (403, 200, 403, 200), {"purpose": "conversation"}),
    Row("post", "/privacy/export", (403, 200, 403, 200)),
    Row("post", "/privacy/erase", (403, 200, 403, 200), {"sure": "yes"}),
    Row("get", "/check-in", OPEN),
    Row("get", "/check-in/{instrument_id}", OPEN),
    Row("post", "/check-in/{instrument_id}", (409, 409, 409, 409), {"state": "none of ours", "answer": "0"}),
    Row("post", "/check-in/{instrument_id}/all", (200, 303, 200, 303), ANSWERS),
    Row("get", "/check-in/{instrument_id}/continue/{under_way_id}", OWN_PAGE),
    Row("get", "/check-in/{instrument_id}/result/{check_in_id}", OWN_PAGE),
    Row("get", "/check-in/{instrument_id}/history", OPEN),
    Row("post", "/check-in/{check_in_id}/delete", OWN_MOVED),
    Row("get", "/safety-plan", MOVED),
    Row("get", "/practise", OPEN),
    Row("get", "/practise/{exercise_id}", OPEN),
    Row("post", "/practise/{exercise_id}", (200, 303, 200, 303), {"go": "start"}),
    Row("get", "/practise/{exercise_id}/entries/{record_id}", OWN_PAGE),
    Row("get", "/practise/{exercise_id}/entries/{record_id}/continue", OWN_PAGE),
    Row("post", "/practise/{exercise_id}/entries/{record_id}/download", OWN_PAGE),
    Row("post", "/practise/{exercise_id}/entries/{record_id}/delete", OWN_MOVED),
    Row("get", "/return", OPEN),
    Row("post", "/return", (403, 403, 403, 403), {"return_name": "no such name", "passphrase": PASSPHRASE}),
    Row("post", "/return/set", (403, 303, 403, 303), {"passphrase": PASSPHRASE}),
    Row("post", "/return/leave", MOVED),
    Row("get", "/steward", (200, 200, 403, 200)),
    Row("post", "/steward", (403, 403, 403, 403), {"name": "nobody", "passphrase": PASSPHRASE}),
    Row("post", "/steward/sign-out", MOVED),
    Row("post", "/steward/duty/on", OWN_MOVED),
    Row("post", "/steward/duty/off", (403, 403, 303, 303)),
    Row("post", "/steward/alerts/{alert_id}/acknowledge", OWN_MOVED),
    Row("post", "/steward/alerts/{alert_id}/take", OWN_MOVED),
    Row("post", "/steward/alerts/{alert_id}/hand-over", (403, 403, 403, 422), {"to": "somebody else"}),
    Row("post", "/steward/alerts/{alert_id}/clear", OWN_MOVED),
]

ENDPOINTS = [
    Row("post", f"{API}/people", (201, 201, 201, 201)),
    Row("get", f"{API}/me", KNOWN),
    Row("put", f"{API}/me/profile", KNOWN, {"region": "IE", "audience": "public", "is_minor": False}),
    Row("delete", f"{API}/me", (401, 204, 401, 204)),
    Row("get", f"{API}/consents", KNOWN),
    Row("put", f"{API}/consents", KNOWN, {"purposes": ["conversation"]}),
    Row("get", f"{API}/export", KNOWN),
    Row("post", f"{API}/messages", KNOWN, {"text": "what helps with sleep?"}),
    Row("get", f"{API}/messages", KNOWN),
    Row("get", f"{API}/messages/{{turn_id}}/why", OWN),
    Row("post", f"{API}/ask", (200, 200, 401, 200), {"question": "what helps with sleep?"}),
    Row("get", f"{API}/instruments", OPEN),
    Row("get", f"{API}/instruments/{{instrument_id}}", OPEN),
    Row("post", f"{API}/instruments/{{instrument_id}}/score", (200, 200, 401, 200), {"answers": [0, 0]}),
    Row("post", f"{API}/check-ins", (401, 201, 401, 201), {"instrument": "phq-2"}),
    Row("get", f"{API}/check-ins", KNOWN),
    Row("get", f"{API}/check-ins/{{check_in_id}}", OWN),
    Row("post", f"{API}/check-ins/{{under_way_id}}/answers", OWN, {"item": "2", "value": 0}),
    Row("delete", f"{API}/check-ins/{{check_in_id}}", (401, 403, 401, 204)),
    Row("get", f"{API}/exercises", OPEN),
    Row("get", f"{API}/exercises/{{exercise_id}}", OPEN),
    Row("post", f"{API}/exercises/{{exercise_id}}/sessions", (401, 201, 401, 201)),
    Row("get", f"{API}/sessions", KNOWN),
    Row("get", f"{API}/sessions/{{record_id}}", OWN),
    Row("post", f"{API}/sessions/{{record_id}}/steps", OWN, {"value": "sad"}),
    Row("delete", f"{API}/sessions/{{record_id}}", (401, 403, 401, 204)),
    Row("get", f"{API}/help", OPEN),
]


@dataclass(frozen=True)
class World:
    """Somebody with something of everything, and everybody else who might ask for it."""

    served: Served
    ids: dict[str, str]
    tokens: dict[str, str]

    def ask(self, row: Row, caller: str) -> Any:
        path = row.path.format(**self.ids)
        if row.is_api:
            token = self.tokens[caller]
            headers = {"authorization": f"Bearer {token}"} if token else {}
            body = {"json": row.send} if row.send else {}
            return self.served.browser().send(row.method, path, headers=headers, **body)
        browser = self.browser(caller, is_console=path.startswith("/steward"))
        data = {} if row.method == "get" else {"data": {**row.send, "form_token": browser.token()}}
        return browser.send(row.method, path, follow_redirects=False, **data)

    def browser(self, caller: str, *, is_console: bool) -> Browser:
        browser = self.served.browser()
        if caller == "wrong_role":
            browser.keep(STEWARD_COOKIE, self.tokens["wrong_role"])
        elif caller == "right" and is_console:
            browser.keep(STEWARD_COOKIE, self.tokens["clinician"])
        elif caller != "anonymous":
            browser.keep(COOKIE, self.tokens[caller])
        return browser


class Api:
    """The API as one person calls it."""

    def __init__(self, served: Served) -> None:
        self._browser = served.browser()
        self.token = self._browser.send("POST", f"{API}/people").json()["token"]
        offered = [one["purpose"] for one in self("get", "/consents")["purposes"]]
        self("put", "/consents", json={"purposes": offered})

    def __call__(self, method: str, path: str, **parts: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        response = self._browser.send(method.upper(), f"{API}{path}", headers=headers, **parts)
        assert response.status_code < 300, response.text
        return response.json()


ROLES = {"clinician": StewardRole.CLINICIAN, "wrong_role": StewardRole.OPERATOR}


@pytest.fixture(scope="module")
def stewards(served: Served) -> dict[str, Steward]:
    """A steward who sees alerts and one who does not."""
    for name, role in ROLES.items():
        served.add_steward(f"test-{name}", role, PASSPHRASE)
    found = {steward.role: steward for steward in served.work(lambda work: work.stewards.list())}
    return {name: found[role] for name, role in ROLES.items()}


@pytest.fixture
def world(served: Served, stewards: dict[str, Steward]) -> World:
    """A world that a test may change."""
    return make_world(served, stewards)


@pytest.fixture(scope="module")
def still_world(served: Served, stewards: dict[str, Steward]) -> World:
    """A world for tests that only look."""
    return make_world(served, stewards)


def make_world(served: Served, stewards: dict[str, Steward]) -> World:
    """Make a person with words planted wherever they can write, in crisis, and another person beside them."""
    api, other = Api(served), Api(served)
    api("put", "/me/profile", json={"is_minor": False})
    begun = api("post", "/check-ins", json={"instrument": "phq-2"})
    api("post", f"/check-ins/{begun['id']}/answers", json={"item": "1", "value": 0})
    done = api("post", "/check-ins", json={"instrument": "phq-2"})
    for item in [str(number) for number in (1, 2)]:
        api("post", f"/check-ins/{done['id']}/answers", json={"item": item, "value": 0})
    session = api("post", "/exercises/thought-record/sessions")
    api("post", f"/sessions/{session['id']}/steps", json={"value": f"{SECRET} happened"})
    answered = api("post", "/messages", json={"text": f"{SECRET} what helps with sleep?"})
    api("post", "/messages", json={"text": f"I want to kill myself {SECRET}"})
    alert = max(served.work(lambda work: work.alerts.queue()), key=lambda one: one.opened)

    async def opened(work: Work) -> dict[str, str]:
        return {name: await work.stewards.open_session(one, now=served.clock()) for name, one in stewards.items()}

    ids = {
        "instrument_id": "phq-2",
        "exercise_id": "thought-record",
        "article_id": served.app.state.services.parts.education.library.passages[0].article,
        "under_way_id": begun["id"],
        "check_in_id": done["id"],
        "record_id": session["id"],
        "turn_id": answered["id"],
        "alert_id": str(alert.id),
    }
    return World(served, ids, {"anonymous": "", "other": other.token, "right": api.token, **served.work(opened)})


@pytest.mark.parametrize("row", PAGES + ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_each_caller_gets_what_is_theirs_and_no_more(request: pytest.FixtureRequest, row: Row) -> None:
    world: World = request.getfixturevalue("still_world" if row.method == "get" else "world")
    for caller, status in zip(CALLERS, row.statuses, strict=True):
        response = world.ask(row, caller)
        assert response.status_code == status, f"{caller}: {response.text[:300]}"
        if caller != "right":
            assert SECRET not in response.text, caller


def test_every_route_is_in_the_table(served: Served) -> None:
    mounted = next(route.app for route in served.app.routes if getattr(route, "path", "") == API)
    known = {(method, path) for path, methods in served.app.openapi()["paths"].items() for method in methods}
    known |= {(method, API + path) for path, methods in mounted.openapi()["paths"].items() for method in methods}
    assert {(row.method, _shape(row.path)) for row in PAGES + ENDPOINTS} == {
        (method, _shape(path)) for method, path in known
    }


def _shape(path: str) -> str:
    """Return a path with every part that varies written alike."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize(
    "row", [row for row in ENDPOINTS if row.statuses[0] == 401], ids=lambda row: f"{row.method} {row.path}"
)
def test_a_cookie_opens_nothing_in_the_api(still_world: World, row: Row) -> None:
    browser = still_world.browser("right", is_console=False)
    body = {"json": row.send} if row.send else {}
    response = browser.send(row.method, row.path.format(**still_world.ids), **body)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert SECRET not in response.text


@pytest.fixture(autouse=True)
def _calm_again(served: Served) -> Iterator[None]:
    """Close every alert after each test, so that the next one finds its own."""
    yield

    async def calm(work: Work) -> None:
        for alert in await work.alerts.queue():
            person = await work.persons.open(alert.person_id)
            await work.alerts.clear(person, by="tests", now=served.clock())

    served.work(calm)
