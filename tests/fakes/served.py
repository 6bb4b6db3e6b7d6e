"""The application served over SQLite in this process, and browsers that fill in the forms they are shown."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeVar

from fastapi.testclient import TestClient
from web_visitor import Clock

from holdfast.service.accounts.steward import StewardRole
from holdfast.service.app import create_app
from holdfast.service.storage.work import Work
from holdfast.settings import load_settings

Result = TypeVar("Result")


@dataclass
class Button:
    """A button of a form."""

    name: str
    value: str
    label: str = ""


@dataclass
class Form:
    """A form as a browser without scripts sees it."""

    action: str
    is_multipart: bool
    fields: dict[str, list[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)


class _Forms(HTMLParser):
    """Collects the forms of a page that are sent with POST."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self._form = Form(given["action"], given.get("enctype") == "multipart/form-data")
            self.forms.append(self._form)
        if self._form is None:
            return
        name = given.get("name", "")
        if name:
            self._form.named.add(name)
        is_choice = given.get("type") in ("radio", "checkbox")
        if tag == "input" and name and (not is_choice or "checked" in given):
            self._form.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area, self._form.fields[name] = name, [""]
        elif tag == "button":
            self._button = Button(name, given.get("value", ""))
            self._form.buttons.append(self._button)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button.label += data
        if self._area is not None and self._form is not None:
            self._form.fields[self._area][0] += data


def forms_of(page: Any) -> list[Form]:
    """Return the forms of a page."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


class Browser:
    """One person's browser: keeps its own cookies and sends what is on the page, without any script."""

    def __init__(self, client: TestClient) -> None:
        self._client = client
        self._cookies: dict[str, str] = {}

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self._cookies)

    def keep(self, name: str, value: str) -> None:
        """Put a cookie into this browser."""
        self._cookies[name] = value

    def send(self, method: str, path: str, **parts: Any) -> Any:
        """Make one request with this browser's cookies; redirects are followed unless told otherwise."""
        self._client.cookies.clear()
        for name, value in self._cookies.items():
            self._client.cookies.set(name, value, domain="testserver.local", path="/")
        response = self._client.request(method, path, **parts)
        for step in [*response.history, response]:
            for header in step.headers.get_list("set-cookie"):
                name, _, value = header.split(";")[0].partition("=")
                self._cookies[name] = value.strip('"')
        self._cookies = {name: value for name, value in self._cookies.items() if value}
        return response

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def press(self, page: Any, label: str, fields: Mapping[str, Any] | None = None, **parts: Any) -> Any:
        """Fill in the form that has a button called ``label`` (its first words will do) and press it."""
        for form in forms_of(page):
            for button in form.buttons:
                if button.label.startswith(label):
                    return self._submit(form, button, fields or {}, parts)
        raise AssertionError(f"the page must have a button called {label!r}")

    def _submit(self, form: Form, button: Button, fields: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
        unknown = set(fields) - form.named
        if unknown:
            raise AssertionError(f"the form must have fields {sorted(unknown)}")
        given = {name: value if isinstance(value, list) else [str(value)] for name, value in fields.items()}
        values = {**form.fields, **given}
        if button.name:
            values[button.name] = [button.value]
        if form.is_multipart:
            rows = [(name, (None, value.encode())) for name, many in values.items() for value in many]
            return self.send("POST", form.action, files=rows, **parts)
        return self.send("POST", form.action, data=values, **parts)

    def agree(self, *purposes: str) -> None:
        """Become an adult who agrees to these purposes, and to no others."""
        said = {"region": "GB", "age": "adult"}
        fields = {**said, "purpose": list(purposes)} if purposes else said
        self.press(self.get("/consent"), "Save my choices", fields)

    def token(self) -> str:
        """Return a form token, for requests that no page offers."""
        return forms_of(self.get("/consent"))[0].fields["form_token"][0]


class Served:
    """The application over one data folder, which can be stopped and started again."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        generous = {"requests_per_minute": 100_000, "messages_per_minute": 100_000, "sign_in_attempts": 100}
        values = {"data_dir": folder / "data", **generous, **overrides}
        self.settings = load_settings(config=None, environ={}, overrides=values)
        self.clock = Clock()
        self.database_file = folder / "data" / "holdfast.db"
        self.start()

    def start(self) -> None:
        self.app = create_app(self.settings, clock=self.clock)
        self.client = TestClient(self.app, base_url="http://testserver.local", follow_redirects=True)
        self.client.__enter__()

    def stop(self) -> None:
        self.client.__exit__(None, None, None)

    def browser(self, like: Browser | None = None) -> Browser:
        """Return a new browser, or one that holds the cookies of another, after a restart for example."""
        browser = Browser(self.client)
        if like is not None:
            browser._cookies = like.cookies
        return browser

    def work(self, action: Callable[[Work], Awaitable[Result]]) -> Result:
        """Do something in one unit of work of the served database."""

        async def done() -> Result:
            async with self.app.state.services.database.work() as work:
                return await action(work)

        portal = self.client.portal
        if portal is None:
            raise AssertionError("the application must be running")
        return portal.call(done)

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """The database is not there while the block runs."""
        away = self.database_file.with_suffix(".away")
        self.database_file.rename(away)
        try:
            yield
        finally:
            away.rename(self.database_file)

    def add_steward(self, name: str, role: StewardRole, passphrase: str) -> None:
        """Add a steward, as the command line would."""
        passphrases = self.app.state.services.sign_in.passphrases

        async def added(work: Work) -> None:
            hashed = await passphrases.hash(passphrase)
            await work.stewards.add(name, role, passphrase_hash=hashed, now=self.clock())

        self.work(added)
