"""The labelled set, and databases: every test that takes ``database_url`` runs on SQLite and on PostgreSQL.

PostgreSQL is the server HOLDFAST_TEST_POSTGRES_URL names, or a throw-away cluster made from the binaries found on
this machine. Without either, those tests are skipped; under CI=true they fail instead.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from holdfast.safety.utterances import UtteranceSet, load_utterances
from holdfast.service.storage.database import Database
from holdfast.service.storage.encryption import Keyring
from holdfast.service.storage.migrate import upgrade

SECRET = "a secret key for tests, which is long enough to be one"


class PostgresServer:
    """A PostgreSQL server on which tests may create databases."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+asyncpg://", "postgresql://")

    def run(self, statement: str) -> None:
        asyncio.run(self._run(statement))

    def database(self, name: str) -> str:
        scheme, rest = self.url.split("://", 1)
        return f"{scheme}+asyncpg://{rest.split('/', 1)[0]}/{name}"

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    named = os.environ.get("HOLDFAST_TEST_POSTGRES_URL")
    if named:
        yield PostgresServer(named)
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = binaries[-1].parent if binaries else _on_path()
    if found is None:
        reason = "no PostgreSQL: set HOLDFAST_TEST_POSTGRES_URL or install the postgresql package"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield from _cluster(found)


def _on_path() -> Path | None:
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).resolve().parent


def _cluster(binaries: Path) -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="holdfast-postgres-"))
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_postgres:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, log = folder / "data", folder / "log"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    initdb = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]
    control = [*as_postgres, binaries / "pg_ctl", "-D", data, "-w"]
    try:
        subprocess.run([*as_postgres, *initdb], check=True, capture_output=True, cwd="/")
        subprocess.run([*control, "-l", log, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        yield PostgresServer(f"postgresql://postgres@127.0.0.1:{port}/postgres")
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the schema up to date, to be copied."""
    path = tmp_path_factory.mktemp("template") / "holdfast.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of an empty database with the schema up to date, to be copied."""
    name = f"holdfast_template_{uuid4().hex}"
    postgres_server.run(f"CREATE DATABASE {name}")
    asyncio.run(upgrade(postgres_server.database(name)))
    yield name
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database of this test's own."""
    shutil.copy(sqlite_template, tmp_path / "holdfast.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'holdfast.db'}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database of this test's own."""
    name = f"holdfast_test_{uuid4().hex}"
    postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield postgres_server.database(name)
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database of this test's own without a table in it."""
    name = f"holdfast_test_{uuid4().hex}"
    postgres_server.run(f"CREATE DATABASE {name}")
    yield postgres_server.database(name)
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of this test's own, of each kind in turn."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of this test's own without a table in it, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'new' / 'holdfast.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def keyring() -> Keyring:
    """What follows from the tests' secret key."""
    return Keyring(SECRET)


@pytest.fixture
async def database(database_url: str, keyring: Keyring) -> AsyncIterator[Database]:
    """An open database of this test's own, of each kind in turn."""
    database = Database(database_url, keyring)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str, keyring: Keyring) -> AsyncIterator[Database]:
    """An open SQLite database of this test's own, for what does not depend on the kind."""
    database = Database(sqlite_url, keyring)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def labelled_set() -> UtteranceSet:
    """The labelled set, read once a process: it is long."""
    return load_utterances()


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen."""
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
