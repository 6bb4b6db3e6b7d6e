"""Base of everything that the API takes and gives."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Given", "Taken"]


class Taken(BaseModel):
    """Something a caller sends: unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Given(BaseModel):
    """Something a caller gets. It is read straight from our own records."""

    model_config = ConfigDict(frozen=True, from_attributes=True)
