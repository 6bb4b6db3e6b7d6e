"""The served application, one for each file of tests; every test brings its own browsers."""

from collections.abc import Iterator

import pytest

from served import Browser, Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application over a database of its own."""
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    served.stop()


@pytest.fixture
def browser(served: Served) -> Browser:
    """The browser of somebody nobody knows yet."""
    return served.browser()
