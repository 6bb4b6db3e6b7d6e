"""Read fields of a form, whatever was sent in their place."""

from starlette.datastructures import FormData

__all__ = ["text_field", "text_fields"]


def text_field(form: FormData, name: str) -> str:
    """Return the text sent as ``name``; an absent field, and a file in its place, reads as empty."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def text_fields(form: FormData, name: str) -> list[str]:
    """Return every text sent as ``name``, in order; files are left out."""
    return [value for value in form.getlist(name) if isinstance(value, str)]
