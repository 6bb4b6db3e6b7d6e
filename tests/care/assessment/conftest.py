"""The shipped instruments, loaded once."""

from datetime import UTC, datetime

import pytest

from holdfast.care.assessment.catalogue import Catalogue, instruments


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return instruments()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
