"""Claims about settings: typed, read once, unknown names refused, every problem said at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from holdfast.errors import SettingsError
from holdfast.settings import Settings, describe, load_settings, secret_key

LONG = "a secret key that is long enough to be one"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(tmp_path: Path, toml: str = "", overrides: dict[str, object] | None = None, **environ: str) -> Settings:
    config = tmp_path / "given.toml"
    config.write_text(toml, encoding="utf-8")
    return load_settings(config=config, environ={"HOME": str(tmp_path), **environ}, overrides=overrides)


def test_with_nothing_said_it_serves_this_machine_only_and_uses_no_model(tmp_path: Path) -> None:
    settings = load_settings(config=None, environ={"HOME": str(tmp_path)})
    assert (settings.host, settings.port, settings.model, settings.region) == ("127.0.0.1", 8000, "none", None)
    assert settings.data_dir == tmp_path / ".local/share/holdfast"
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/.local/share/holdfast/holdfast.db"
    assert settings.is_loopback
    assert not settings.uses_secure_cookies
    assert (settings.max_message_chars, settings.retention_days, settings.session_idle_minutes) == (4000, 90, 30)


def test_the_data_folder_follows_xdg_unless_it_is_relative(tmp_path: Path) -> None:
    assert load(tmp_path, XDG_DATA_HOME="/data").data_dir == Path("/data/holdfast")
    assert load(tmp_path, XDG_DATA_HOME="data").data_dir == tmp_path / ".local/share/holdfast"


def test_later_sources_win(tmp_path: Path) -> None:
    toml = 'port = 1001\nretention_days = 7\nregion = "IE"\n'
    settings = load(tmp_path, toml, {"port": 1003, "region": None}, HOLDFAST_PORT="1002", HOLDFAST_RETENTION_DAYS="8")
    assert (settings.port, settings.retention_days, settings.region) == (1003, 8, "IE")


def test_the_file_is_found_where_the_environment_or_the_folder_says(tmp_path: Path) -> None:
    (tmp_path / "holdfast.toml").write_text("port = 1001\n")
    (tmp_path / "other.toml").write_text("port = 1002\n")
    assert load_settings(config=None, environ={}).port == 1001
    assert load_settings(config=None, environ={"HOLDFAST_CONFIG": "other.toml"}).port == 1002
    assert load_settings(config=tmp_path / "holdfast.toml", environ={"HOLDFAST_CONFIG": "other.toml"}).port == 1001


def test_the_short_name_of_the_data_folder_and_the_tests_own_names_are_accepted(tmp_path: Path) -> None:
    settings = load(tmp_path, HOLDFAST_DATA_DIR="/somewhere", HOLDFAST_TEST_POSTGRES_URL="x", UNRELATED="y")
    assert settings.data_dir == Path("/somewhere")


def test_settings_cannot_be_changed_afterwards(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(tmp_path).port = 1


def test_every_problem_is_said_at_once_with_where_it_was_set(tmp_path: Path) -> None:
    toml = 'prot = 8000\nretention_days = 0\nregion = "Ireland"\ntier = "care"\n'
    environ = {"HOLDFAST_PORT": "eighty", "HOLDFAST_MODLE": "none", "HOLDFAST_SECRET_KEY": "short"}
    with pytest.raises(SettingsError, match="must all be usable, and are not") as caught:
        load(tmp_path, toml, {"max_body_bytes": -1}, **environ)
    message = str(caught.value)
    for part in (
        "- prot (given.toml): is no setting; did you mean port?",
        "- tier (given.toml): is no setting;",
        "- HOLDFAST_MODLE: is no setting; did you mean model?",
        "- port (HOLDFAST_PORT): input should be a valid integer",
        "- retention_days (given.toml): input should be greater than or equal to 1.",
        "- region (given.toml): string should match pattern",
        "- max_body_bytes (command line): input should be greater than or equal to 1.",
        "- secret_key (HOLDFAST_SECRET_KEY): must be at least 32 random characters; make one with: python3 -c",
    ):
        assert part in message
    assert message.count("\n- ") == 8
    assert "short" not in message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("port = = 1", r"must be valid TOML: .*line 1"),
        ("[nested]\nport = 1", "nested .given.toml.: is no setting"),
        ('database_url = "mysql://root@db/holdfast"', "must start with sqlite:/// or postgresql://"),
        ('trusted_proxies = ["my proxy"]', "must be IP addresses or networks such as 10.0.0.0/8"),
        ("model_timeout_s = nan", "model_timeout_s .given.toml.: input should be"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load(tmp_path, toml)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml: must be a readable file: No such file"):
        load_settings(config=tmp_path / "missing.toml", environ={})
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"binary\.toml: must be valid TOML: it is not UTF-8"):
        load_settings(config=tmp_path / "binary.toml", environ={})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
        ("postgres://u:p@db/h", "postgresql+asyncpg://u:p@db/h"),
        ("postgresql+asyncpg://u:p@db/h", "postgresql+asyncpg://u:p@db/h"),
    ],
)
def test_database_urls_get_their_driver(tmp_path: Path, given: str, kept: str) -> None:
    assert load(tmp_path, HOLDFAST_DATABASE_URL=given).database_url == kept


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        HOLDFAST_SECRET_KEY=LONG,
        HOLDFAST_MODEL_API_KEY="planted",
        HOLDFAST_DATABASE_URL="postgresql://u:planted@db/h",
    )
    assert "planted" not in repr(settings)
    assert LONG not in repr(settings)


def test_lists_can_be_written_with_commas_in_the_environment(tmp_path: Path) -> None:
    settings = load(tmp_path, HOLDFAST_TRUSTED_PROXIES="10.0.0.0/8, ::1")
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "holdfast.example"])
def test_serving_others_needs_a_secret_key_and_says_how_to_make_one(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="secret_key: must be set to serve on") as caught:
        load(tmp_path, overrides={"host": host})
    assert "set HOLDFAST_SECRET_KEY to the output of: python3 -c" in str(caught.value)
    assert f"set it to what {tmp_path}" in str(caught.value)
    settings = load(tmp_path, overrides={"host": host}, HOLDFAST_SECRET_KEY=LONG)
    assert settings.uses_secure_cookies
    assert secret_key(settings) == LONG


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_serving_this_machine_needs_none(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, overrides={"host": host}).is_loopback


def test_secure_cookies_can_be_said_either_way(tmp_path: Path) -> None:
    assert load(tmp_path, "secure_cookies = true").uses_secure_cookies
    exposed = {"host": "0.0.0.0"}
    assert not load(tmp_path, "secure_cookies = false", exposed, HOLDFAST_SECRET_KEY=LONG).uses_secure_cookies


def test_a_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = load(tmp_path)
    first = secret_key(settings)
    assert len(first) >= 64
    assert secret_key(settings) == first
    assert settings.secret_key_file.stat().st_mode & 0o777 == 0o600
    assert settings.data_dir.stat().st_mode & 0o077 == 0
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]


def test_everyone_who_starts_at_once_ends_up_with_one_key(tmp_path: Path) -> None:
    settings, start = load(tmp_path), threading.Barrier(8)

    def make(_: int) -> str:
        start.wait(timeout=10)
        return secret_key(settings)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1


def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    settings = load(tmp_path)
    settings.data_dir.mkdir(parents=True)
    settings.secret_key_file.write_text("cut off")
    with pytest.raises(SettingsError, match="must hold at least 32 characters, and holds 7; restore it"):
        secret_key(settings)
    assert settings.secret_key_file.read_text() == "cut off"


def test_a_data_folder_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SettingsError, match="must be readable and its folder writable"):
        secret_key(load(tmp_path, HOLDFAST_DATA_DIR=str(tmp_path / "taken" / "data")))


def test_the_reference_describes_every_setting() -> None:
    rows = {row.name: row for row in describe()}
    assert list(rows) == list(Settings.model_fields)
    assert all(row.description.endswith(".") for row in rows.values())
    assert rows["port"][1:3] == ("whole number", "8000")
    assert rows["secret_key"][1:3] == ("secret or unset", "unset")
    assert rows["trusted_proxies"][1:3] == ("list of text", "unset")
    assert rows["model_timeout_s"][1:3] == ("number", "20.0")
    assert rows["secure_cookies"][1:3] == ("true or false or unset", "unset")
    assert rows["data_dir"][1:3] == ("path", "~/.local/share/holdfast")


def test_local_only_refuses_a_webhook_and_a_mail_server_elsewhere_and_names_both(tmp_path: Path) -> None:
    abroad = {
        "HOLDFAST_ALERT_WEBHOOK_URL": "https://hooks.example.org/alerts",
        "HOLDFAST_ALERT_WEBHOOK_SECRET": LONG,
        "HOLDFAST_ALERT_EMAIL_TO": "duty@example.org",
        "HOLDFAST_ALERT_EMAIL_FROM": "holdfast@example.org",
        "HOLDFAST_SMTP_HOST": "mail.example.org",
    }
    assert load(tmp_path, **abroad).abroad() == ["alert_webhook_url", "smtp_host"]
    with pytest.raises(SettingsError, match="must be on this machine while local_only is set") as refused:
        load(tmp_path, "local_only = true\n", **abroad)
    assert "alert_webhook_url" in str(refused.value)
    assert "smtp_host" in str(refused.value)
    near = {**abroad, "HOLDFAST_ALERT_WEBHOOK_URL": "http://127.0.0.1:9000/alerts", "HOLDFAST_SMTP_HOST": "localhost"}
    assert load(tmp_path, HOLDFAST_LOCAL_ONLY="true", **near).local_only


def test_by_default_nothing_is_set_that_sends_anything_beyond_this_machine(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.model, settings.abroad(), settings.local_only) == ("none", [], False)
