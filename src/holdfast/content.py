"""Load a content file, validate it and keep its hash.

Content is data: instruments, exercises, articles, protocols, helplines, prompts and suites are versioned
YAML, or Markdown with YAML front matter. A file that does not fit its model is refused with its name and
every problem in it; what was loaded carries the SHA-256 of the file's bytes, which goes into every trace.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from holdfast.errors import ContentError

__all__ = ["ContentModel", "Loaded", "load_markdown", "load_yaml", "sha256_hex"]


class ContentModel(BaseModel):
    """Base of every model that a content file is read into: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


Model = TypeVar("Model", bound=BaseModel)

try:
    _Loader: Any = yaml.CSafeLoader
except AttributeError:  # pyyaml was built without libyaml
    _Loader = yaml.SafeLoader


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A validated content file: the model, where it came from, its SHA-256 and (Markdown only) the body."""

    value: Model
    path: Path
    sha256: str
    body: str = ""


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def load_yaml(path: Path, model: type[Model]) -> Loaded[Model]:
    """Read a YAML file into ``model``.

    Raises:
        ContentError: The file is missing, not UTF-8, not YAML, or does not fit ``model``.
    """
    raw = _read(path)
    return Loaded(_validate(_parse(raw.decode("utf-8"), path), model, path), path, sha256_hex(raw))


def load_markdown(path: Path, model: type[Model]) -> Loaded[Model]:
    """Read a Markdown file whose YAML front matter fits ``model``; the text below it becomes ``body``.

    Raises:
        ContentError: As ``load_yaml``, or the front matter is not fenced by ``---`` lines.
    """
    raw = _read(path)
    text = raw.decode("utf-8").replace("\r\n", "\n")
    parts = text.split("---\n", 2)
    if not text.startswith("---\n") or len(parts) < 3:
        raise ContentError(f"{path.name} must start with YAML front matter between two '---' lines; add it.")
    return Loaded(_validate(_parse(parts[1], path), model, path), path, sha256_hex(raw), parts[2].strip())


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        raw.decode("utf-8")
    except OSError as error:
        raise ContentError(f"{path.name} must be a readable file: {error.strerror}; restore it.") from error
    except UnicodeDecodeError as error:
        raise ContentError(f"{path.name} must be UTF-8, byte {error.start} is not; save it as UTF-8.") from error
    return raw


def _parse(text: str, path: Path) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - both loaders are the safe ones
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ContentError(f"{path.name} must be valid YAML; it breaks{where}.") from error


def _validate(data: Any, model: type[Model], path: Path) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise ContentError(f"{path.name} does not fit {model.__name__}: {problems}.") from error
