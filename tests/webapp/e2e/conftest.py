"""A real server on an empty database, and a real browser to drive it with.

Without Playwright and a Chromium (`pip install playwright`) these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, create_engine
from sqlmodel import Session, SQLModel

from webapp.models import Role, User, metadata
from webapp.settings import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "correct horse battery"
_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)


@dataclass(frozen=True)
class Site:
    """A running server, and its database to look into and to prepare."""

    url: str
    engine: Engine
    environment: dict[str, str]
    password: str = PASSWORD

    def add(self, *rows: SQLModel) -> None:
        """Store the rows; they stay readable afterwards."""
        with Session(self.engine, expire_on_commit=False) as session:
            session.add_all(rows)
            session.commit()

    def add_user(self, email: str, *, permissions: list[str] | None = None, is_superuser: bool = False) -> None:
        """A user whose password is `password`, with a role of these permissions."""
        roles = [Role(name="tested", permissions=permissions)] if permissions else []
        name = email.partition("@")[0].title()
        self.add(User(email=email, name=name, password_hash=_HASH, is_superuser=is_superuser, roles=roles))

    def load_demo(self, rows: int) -> None:
        """Demo rows of every resource."""
        load = f"import asyncio; from webapp.demo.loading import load; asyncio.run(load(rows={rows}))"
        subprocess.run([sys.executable, "-c", load], cwd=ROOT, env=self.environment, check=True)

    def clear(self) -> None:
        with self.engine.begin() as connection:
            for table in metadata.tables.values():  # a key is not looked at here
                connection.execute(table.delete())
            connection.exec_driver_sql("DELETE FROM sqlite_sequence")  # keys start at 1 again


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    database = folder / "test.db"
    environment = os.environ | {
        "ENVIRONMENT": "test",
        "SECRET_KEY": "a secret for the tests, long enough for all",
        "DATABASE_URL": f"sqlite:///{database.as_posix()}",
        "UPLOAD_DIR": str(folder / "uploads"),
    }
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=ROOT, env=environment, check=True)
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "webapp.main:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    engine = create_engine(f"sqlite:///{database}")
    try:
        site = Site(f"http://127.0.0.1:{port}", engine, environment)
        _wait_for(site.url, process)
        yield site
    finally:
        engine.dispose()
        process.terminate()
        process.wait(20)


@pytest.fixture
def site(server: Site) -> Site:
    """The server with nothing in its database."""
    server.clear()
    return server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Not for the whole session: while it lives, no other test of the process can run an event loop.
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("There is no Chromium on this machine.")
    sync_api.expect.set_options(timeout=15_000)  # a busy machine is no failure
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page of a fresh browser. The test fails if a script did, or if anything was asked of another host."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if _is_complaint(line.type, line.text) else None)
    page.on("request", lambda sent: complaints.append(sent.url) if not _is_local(sent.url, site.url) else None)
    yield page
    context.close()
    assert complaints == []


def _is_complaint(kind: str, text: str) -> bool:
    # Chromium also reports each answer of 4xx, which tests ask for on purpose.
    return kind in ("error", "warning") and not text.startswith("Failed to load resource")


def _is_local(address: str, site: str) -> bool:
    return address.startswith((f"{site}/", "data:", "blob:"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=2).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start; exit code {process.poll()}.")
