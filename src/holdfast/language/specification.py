"""Which language model to use, written on one line."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from holdfast.errors import InputError

__all__ = ["ModelKind", "ModelSpec", "parse_model_spec"]

ACCEPTED = (
    "none, openai:NAME, anthropic:NAME, or the address of an OpenAI-compatible server (http://127.0.0.1:11434/v1#NAME)"
)

_NAME = re.compile(r"^[A-Za-z0-9/.][\w.:/@+-]{0,199}$", re.ASCII)
_LOCAL_NAME = re.compile(r"^[a-z]([a-z0-9-]*[a-z0-9])?$")


class ModelKind(StrEnum):
    """How a model is reached. ``COMPATIBLE`` is any server that speaks OpenAI's chat completions."""

    NONE = "none"
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    COMPATIBLE = "compatible"


_HOME = {ModelKind.OPENAI: "https://api.openai.com/v1", ModelKind.ANTHROPIC: "https://api.anthropic.com"}


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """A model and where it is. ``name`` and ``base_url`` are empty for ``ModelKind.NONE`` alone."""

    kind: ModelKind
    name: str = ""
    base_url: str = ""

    @property
    def is_none(self) -> bool:
        """Whether no language model is to be used."""
        return self.kind is ModelKind.NONE

    @property
    def is_remote(self) -> bool:
        """Whether words sent to the model leave this machine. False only for loopback, and where there is none."""
        return not self.is_none and not _is_loopback(urlsplit(self.base_url).hostname or "")

    def __str__(self) -> str:
        if self.kind is ModelKind.COMPATIBLE:
            return f"{self.base_url}#{self.name}"
        return "none" if self.is_none else f"{self.kind.value}:{self.name}"


def parse_model_spec(text: str) -> ModelSpec:
    """Read a model's specification.

    An address must carry the model's name after ``#``. Plain ``http`` is taken only on this machine or its own
    network (a loopback or private address, or a host name without dots); elsewhere the address must be ``https``.

    Raises:
        InputError: ``text`` is none of the accepted forms; the message lists them. It does not repeat a password.
    """
    spec = text.strip()
    if spec.lower() == "none":
        return ModelSpec(kind=ModelKind.NONE)
    if "://" in spec:
        return _parse_address(spec)
    provider, colon, name = spec.partition(":")
    for kind in (ModelKind.OPENAI, ModelKind.ANTHROPIC):
        if colon and provider.lower() == kind.value:
            return ModelSpec(kind=kind, name=_checked_name(name), base_url=_HOME[kind])
    raise InputError(f"Model must be {ACCEPTED}, got {spec[:80]!r}; use one of these forms.")


def _parse_address(text: str) -> ModelSpec:
    url = _split(text)
    if url.username is not None or url.password is not None or url.query:
        raise InputError("Model address must carry no user, password or query; give the key in the settings instead.")
    if url.scheme not in ("http", "https") or not url.hostname:
        raise InputError(f"Model address must start with http:// or https:// and a host; the forms are: {ACCEPTED}.")
    if url.scheme == "http" and not _is_near(url.hostname):
        raise InputError(f"Model address must use https:// beyond this machine's network, got host {url.hostname!r}.")
    name = _checked_name(url.fragment)
    return ModelSpec(
        kind=ModelKind.COMPATIBLE, name=name, base_url=url._replace(fragment="").geturl().rstrip("/").removesuffix("#")
    )


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError as error:
        raise InputError(f"Model address must be a valid URL; the forms are: {ACCEPTED}.") from error
    return url


def _checked_name(name: str) -> str:
    if not _NAME.match(name):
        raise InputError(
            f"Model name must be 1 to 200 letters, digits and . _ : / @ + -, got {name[:80]!r}; write {ACCEPTED}."
        )
    return name


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_near(host: str) -> bool:
    """Whether ``host`` is this machine, a private address, or a bare name that only the local network can resolve."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_LOCAL_NAME.match(host))
    return address.is_loopback or address.is_private
