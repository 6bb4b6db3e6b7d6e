"""One typed, frozen object with every setting, read once from ``holdfast.toml`` and the environment.

Later wins: the defaults, the file, the environment (``HOLDFAST_`` and the field's name in capitals), the command
line. Anything unknown is refused in all of them, and every problem is reported at once.
"""

import difflib
import ipaddress
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from holdfast.errors import SettingsError

__all__ = ["SettingDescription", "Settings", "describe", "load_settings", "secret_key"]

_PREFIX = "HOLDFAST_"
_NOT_SETTINGS = ("HOLDFAST_CONFIG", "HOLDFAST_DATA")
"""The settings file, and the folder of real data sets that some tests and benchmarks read."""

_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
_SECRET_LENGTH = 32
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
_SCHEMES = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """Every setting. Make one with ``load_settings``; the tier Holdfast runs at is earned, and is no setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Field(
        default=Path("~/.local/share/holdfast"),
        description="Folder for the database and the generated secret key.",
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="SQLite file or PostgreSQL database. Empty: holdfast.db in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address to serve on. Beyond loopback a secret key must be set.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to serve on.")
    secret_key: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters: wraps the keys that seal people's words, and signs cookies. "
        "On loopback one is made in the data folder.",
    )
    model: str = Field(default="none", min_length=1, description="Language model, or none.")
    model_api_key: SecretStr | None = Field(default=None, description="Key for the language model's provider.")
    model_timeout_s: float = Field(default=20.0, gt=0, le=300, description="Longest wait for the model, in seconds.")
    local_only: bool = Field(
        default=False,
        description="Send nothing beyond this machine: a language model, webhook or mail server elsewhere is refused.",
    )
    semantic_layer: str = Field(
        default="auto",
        pattern="^(auto|on|off)$",
        description="Third layer of detection, which needs the extra semantic: on, off, or auto, on where installed.",
    )
    region: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="Country whose helplines are shown to people who have not said where they are: ISO 3166-1 alpha-2.",
    )
    max_message_chars: Count = Field(default=4000, le=100_000, description="Longest message, in characters.")
    max_body_bytes: Count = Field(default=65_536, le=10_000_000, description="Largest request body, in bytes.")
    retention_days: Count = Field(
        default=90, le=3650, description="Days after which turns are deleted, and persons who cannot come back."
    )
    check_in_retention_days: Count | None = Field(
        default=None, le=3650, description="Days after which check-ins are deleted. Unset: when their person says so."
    )
    exercise_retention_days: Count | None = Field(
        default=None, le=3650, description="Days after which exercises are deleted. Unset: when their person says so."
    )
    trace_retention_days: Count = Field(
        default=90, le=3650, description="Days after which records of why a reply was given are emptied."
    )
    alert_retention_days: Count = Field(
        default=365, le=3650, description="Days after which alerts that were cleared are deleted, with their records."
    )
    counter_retention_days: Count = Field(
        default=1096, le=3650, description="Days after which daily counts, which name nobody, are deleted."
    )
    session_idle_minutes: Count = Field(
        default=30, le=1440, description="Minutes without use after which a steward is signed out."
    )
    messages_per_minute: Count = Field(default=20, description="Messages one person may send in a minute.")
    requests_per_minute: Count = Field(default=240, description="Requests one address may make in a minute.")
    sign_in_attempts: Count = Field(
        default=5, le=100, description="Sign-in attempts for one name, and for one address, in 15 minutes."
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=(), description="Addresses or networks whose X-Forwarded headers are believed."
    )
    secure_cookies: bool | None = Field(
        default=None, description="Send cookies over HTTPS only. Unset: yes beyond loopback, no on it."
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Address people open the service at, for the link in messages to stewards. Empty: no link.",
    )
    duty_minutes: Count = Field(
        default=60, le=720, description="Minutes after which a steward who has not been seen is off duty."
    )
    rota_file: Path | None = Field(default=None, description="Rota of the stewards, a YAML file. Unset: none.")
    alert_ack_minutes: Count = Field(
        default=5, le=1440, description="Minutes in which an alert must be seen before it goes to the fallback."
    )
    alert_webhook_url: str = Field(
        default="", repr=False, description="Address that alerts nobody has seen are sent to. Empty: none."
    )
    alert_webhook_secret: SecretStr | None = Field(
        default=None, description="Key that signs what is sent there: at least 32 characters, or whsec_ and base64."
    )
    alert_email_to: tuple[str, ...] = Field(
        default=(), repr=False, description="Addresses that alerts nobody has seen are sent to."
    )
    alert_email_second_to: tuple[str, ...] = Field(
        default=(), repr=False, description="Addresses for the second message. Empty: the same again."
    )
    alert_email_from: str = Field(default="", description="Sender's address of these messages.")
    smtp_host: str = Field(default="", description="Mail server that takes them.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: str = Field(
        default="starttls",
        pattern="^(starttls|tls|none)$",
        description="How its connection is protected: starttls, tls, or none on loopback only.",
    )
    smtp_user: str = Field(default="", description="User to sign in there as. Empty: no sign-in.")
    smtp_password: SecretStr | None = Field(default=None, description="Password to sign in there with.")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if value and (not separator or scheme not in _SCHEMES):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return f"{_SCHEMES[scheme]}://{rest}" if value else value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SECRET_LENGTH:
            raise ValueError(f"must be at least {_SECRET_LENGTH} random characters; make one with: {_MAKE_ONE}")
        return value

    @field_validator("trusted_proxies", "alert_email_to", "alert_email_second_to", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError("must be IP addresses or networks such as 10.0.0.0/8") from None
        return value

    @field_validator("alert_email_to", "alert_email_second_to")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ADDRESS.fullmatch(address) for address in value):
            raise ValueError("must be e-mail addresses, separated by commas")
        return value

    @field_validator("alert_email_from")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not _ADDRESS.fullmatch(value):
            raise ValueError("must be one e-mail address")
        return value

    @field_validator("alert_webhook_url")
    @classmethod
    def _secured(cls, value: str) -> str:
        parts = urlsplit(value)
        is_secured = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        if value and (not parts.hostname or not is_secured):
            raise ValueError("must start with https://, or with http:// for this machine")
        return value

    @field_validator("alert_webhook_secret")
    @classmethod
    def _signing_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SECRET_LENGTH:
            raise ValueError(f"must be at least {_SECRET_LENGTH} random characters; make one with: {_MAKE_ONE}")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    def abroad(self) -> list[str]:
        """Return the settings that send something beyond this machine; the language model's is not looked at."""
        mail = self.smtp_host if self.alert_email_to or self.alert_email_second_to else ""
        hosts = {"alert_webhook_url": urlsplit(self.alert_webhook_url).hostname or "", "smtp_host": mail}
        return [name for name, host in hosts.items() if host and not _is_loopback(host)]

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return _is_loopback(self.host)

    @property
    def uses_secure_cookies(self) -> bool:
        """Whether cookies are sent over HTTPS only."""
        return not self.is_loopback if self.secure_cookies is None else self.secure_cookies

    @property
    def secret_key_file(self) -> Path:
        """Where a generated secret key is kept."""
        return self.data_dir / "secret.key"


class SettingDescription(NamedTuple):
    """One row of the settings reference."""

    name: str
    type: str
    default: str
    description: str


def describe() -> list[SettingDescription]:
    """Return the settings reference, a row for each setting in the order they are declared."""
    return [
        SettingDescription(name, _type_name(field.annotation), _default_text(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def load_settings(
    *, config: Path | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read the settings.

    Args:
        config: The file to read; None reads the one HOLDFAST_CONFIG names, or ./holdfast.toml if it exists.
        environ: The environment. Names that start with HOLDFAST_TEST_ are left to the tests.
        overrides: What the command line says, by setting; None values count as not said.

    Raises:
        SettingsError: With every unknown name and every unusable value, and where each was set.
    """
    problems: list[str] = []
    values, origins = _defaults(environ), dict.fromkeys(Settings.model_fields, "default")
    named = {name: value for name, value in (overrides or {}).items() if value is not None}
    from_file, file_name = _from_file(config, environ, problems)
    sources = ((from_file, file_name), *_from_environment(environ), (named, "command line"))
    for source, origin in sources:
        for name, value in source.items():
            if name not in Settings.model_fields:
                problems.append(_unknown(name, origin))
                continue
            values[name], origins[name] = value, origin
    settings = _validated(values, origins, problems)
    if settings is None or problems:
        raise SettingsError("Settings must all be usable, and are not:\n" + "\n".join(f"- {line}" for line in problems))
    return settings


def secret_key(settings: Settings) -> str:
    """Return the secret key: the one set, else the one kept in the data folder, made on first use.

    Raises:
        SettingsError: The service is reachable beyond loopback and none is set, or the file cannot be used.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if not settings.is_loopback:
        raise SettingsError(_no_secret(settings.host, settings.secret_key_file))
    path = settings.secret_key_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _read_secret(path) if path.exists() else _make_secret(path)
    except OSError as error:
        raise SettingsError(
            f"Secret key file {path} must be readable and its folder writable: {error.strerror}; fix its permissions, "
            "or set HOLDFAST_SECRET_KEY."
        ) from None


def _read_secret(path: Path) -> str:
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < _SECRET_LENGTH:
        raise SettingsError(
            f"Secret key file {path} must hold at least {_SECRET_LENGTH} characters, and holds {len(secret)}; "
            "restore it from a backup. Without it, what is sealed in the database cannot be read."
        )
    return secret


def _make_secret(path: Path) -> str:
    """Write a new secret beside ``path`` and link it into place, so that two processes end up with one key."""
    secret = secrets.token_urlsafe(48)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return _read_secret(path)
    finally:
        draft.unlink(missing_ok=True)
    return secret


def _defaults(environ: Mapping[str, str]) -> dict[str, Any]:
    home = Path(environ.get("XDG_DATA_HOME", ""))
    if not home.is_absolute():
        home = Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return {"data_dir": home / "holdfast"}


def _from_file(config: Path | None, environ: Mapping[str, str], problems: list[str]) -> tuple[dict[str, Any], str]:
    named = config or (Path(environ["HOLDFAST_CONFIG"]) if environ.get("HOLDFAST_CONFIG") else None)
    path = named or Path("holdfast.toml")
    if named is None and not path.is_file():
        return {}, path.name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path.name
    except OSError as error:
        problems.append(f"{path}: must be a readable file: {error.strerror}; name another with --config.")
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is not UTF-8"
        problems.append(f"{path}: must be valid TOML: {where}.")
    return {}, path.name


def _from_environment(environ: Mapping[str, str]) -> list[tuple[dict[str, Any], str]]:
    """Return one source for each variable, so that a problem can name the variable."""
    sources: list[tuple[dict[str, Any], str]] = []
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or variable in _NOT_SETTINGS or variable.startswith("HOLDFAST_TEST_"):
            continue
        name = variable.removeprefix(_PREFIX).lower()
        sources.append(({name: environ[variable]}, variable))
    return sources


def _unknown(name: str, origin: str) -> str:
    close = difflib.get_close_matches(name.lower(), Settings.model_fields, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]}?" if close else "docs/reference/settings.md lists them all; remove it."
    where = origin if origin.startswith(_PREFIX) else f"{name[:80]} ({origin})"
    return f"{where}: is no setting; {hint}"


def _validated(values: dict[str, Any], origins: Mapping[str, str], problems: list[str]) -> Settings | None:
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_problem(item, origins) for item in error.errors(include_input=False, include_url=False)]
        if not any(item["loc"][:1] in (("host",), ("secret_key",)) for item in error.errors(include_input=False)):
            problems += _exposed(values)
        return None
    problems += [*_exposed(values), *_unsendable(settings), *_sent_abroad(settings)]
    folder = settings.data_dir.expanduser().absolute()
    url = settings.database_url or f"sqlite+aiosqlite:///{folder / 'holdfast.db'}"
    return settings.model_copy(update={"data_dir": folder, "database_url": url})


def _problem(item: Any, origins: Mapping[str, str]) -> str:
    name = str(item["loc"][0])
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{name} ({origins[name]}): {message[:1].lower()}{message[1:]}."


def _exposed(values: Mapping[str, Any]) -> list[str]:
    host = str(values.get("host", "127.0.0.1"))
    if values.get("secret_key") or _is_loopback(host):
        return []
    return [_no_secret(host, Path(values["data_dir"]) / "secret.key")]


def _unsendable(settings: Settings) -> list[str]:
    """Return what is missing to send the alerts that the settings ask for: a fallback is whole, or it is not set."""
    problems = []
    if settings.alert_webhook_url and settings.alert_webhook_secret is None:
        problems.append(f"alert_webhook_secret: must be set with alert_webhook_url; make one with: {_MAKE_ONE}")
    mail = (settings.alert_email_from, settings.smtp_host)
    if (settings.alert_email_to or settings.alert_email_second_to) and not (settings.alert_email_to and all(mail)):
        problems.append("alert_email_to: must be set together with alert_email_from and smtp_host; set all three.")
    if bool(settings.smtp_user) != (settings.smtp_password is not None):
        problems.append("smtp_password: must be set together with smtp_user; set both or neither.")
    if settings.smtp_security == "none" and settings.smtp_host and not _is_loopback(settings.smtp_host):
        problems.append("smtp_security: must be starttls or tls for a mail server that is not on this machine.")
    return problems


def _sent_abroad(settings: Settings) -> list[str]:
    names = settings.abroad() if settings.local_only else []
    return [
        f"{name}: must be on this machine while local_only is set; use a loopback address or none." for name in names
    ]


def _no_secret(host: str, path: Path) -> str:
    return (
        f"secret_key: must be set to serve on {host!r}, which other machines can reach; set HOLDFAST_SECRET_KEY to "
        f"the output of: {_MAKE_ONE}. If this database was used on loopback before, set it to what {path} holds."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _type_name(annotation: Any) -> str:
    names = {"SecretStr": "secret", "str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    text = getattr(annotation, "__name__", None) if isinstance(annotation, type) else str(annotation)
    if text is None or "tuple" in text:
        return "list of text"
    parts = [part.strip().rsplit(".", 1)[-1] for part in text.replace("Optional[", "").rstrip("]").split("|")]
    return " or ".join(names.get(part, "unset" if part == "None" else part.lower()) for part in parts)


def _default_text(default: Any) -> str:
    if default is None or default in ("", ()):
        return "unset"
    return str(default).lower() if isinstance(default, bool) else str(default)
