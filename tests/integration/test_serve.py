"""`oppman serve`: what it refuses, and that its workers are replaced, drained and never left behind."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from command_line import Run
from servers import Answer, Server, ask, write_project

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="several workers need POSIX")

TINY = """
import asyncio, os
from fastapi import FastAPI, Request
app = FastAPI()

@app.get("/")
async def home(request: Request):
    return {"pid": os.getpid(), "environment": os.environ["ENVIRONMENT"], "client": request.client.host}

@app.get("/slow")
async def slow(seconds: float):
    print("asked", flush=True)
    await asyncio.sleep(seconds)
    return {"says": "done"}
"""
SECRET = {"SECRET_KEY": "a-secret-of-this-test-that-is-long-enough-0123456789"}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_project(tmp_path / "tiny", TINY)


class TestRefusals:
    """It does not start in a state that nobody should serve, and exits with 1 and a hint."""

    def test_a_missing_secret(self, project: Path, run: Run) -> None:
        assert run("db", "migrate", cwd=project).code == 0
        refused(run, project, "SECRET_KEY is missing or is the built-in default")

    def test_a_secret_that_is_too_short(self, project: Path, run: Run) -> None:
        assert run("db", "migrate", cwd=project).code == 0
        refused(run, project, "SECRET_KEY is shorter than 32 characters", env={"SECRET_KEY": "short"})

    def test_debug(self, project: Path, run: Run) -> None:
        assert run("db", "migrate", cwd=project).code == 0
        refused(run, project, "DEBUG is on", env=SECRET | {"DEBUG": "true"})

    def test_debug_of_an_app_without_settings(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", TINY.replace("FastAPI()", "FastAPI(debug=True)"))
        refused(run, root, "Debugging is on (debug=True)")

    def test_pending_migrations(self, project: Path, run: Run) -> None:
        refused(run, project, "pending.", "oppman db migrate", "--allow-pending", env=SECRET)

    def test_a_database_that_cannot_be_reached(self, project: Path, run: Run) -> None:
        url = "postgresql://shop:hunter2@127.0.0.1:1/shop"
        refused(run, project, "The database cannot be reached", env=SECRET | {"DATABASE_URL": url})

    def test_an_app_that_crashes(self, tmp_path: Path, run: Run) -> None:
        refused(run, write_project(tmp_path / "tiny", "1 / 0\n"), "ZeroDivisionError", "main could not be imported")

    def test_a_lifespan_that_raises(self, tmp_path: Path, run: Run) -> None:
        lifespan = (
            "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def lifespan(app):\n"
            "    raise RuntimeError('no fuel')\n    yield\n"
        )
        root = write_project(tmp_path / "tiny", lifespan + TINY.replace("FastAPI()", "FastAPI(lifespan=lifespan)"))
        refused(run, root, "no fuel", "The app did not start")


def test_pending_migrations_can_be_allowed(project: Path) -> None:
    with Server("serve", "--allow-pending", cwd=project, env=SECRET) as server:
        assert server.get("/health")[0] == 200


def test_it_runs_under_production_whatever_env_says(tiny: Path) -> None:
    with Server("serve", cwd=tiny, env={"ENVIRONMENT": "development"}) as server:
        assert json.loads(server.get()[1])["environment"] == "production"


@pytest.mark.parametrize(
    ("options", "client"),
    [
        ([], "203.0.113.9"),
        (["--no-proxy-headers"], "127.0.0.1"),
        (["--forwarded-allow-ips", "10.0.0.1"], "127.0.0.1"),
    ],
)
def test_a_proxy_is_believed_if_it_is_allowed_to_speak(tiny: Path, options: list[str], client: str) -> None:
    with Server("serve", *options, cwd=tiny) as server:
        assert json.loads(server.get(headers={"X-Forwarded-For": "203.0.113.9"})[1])["client"] == client


def test_a_worker_that_dies_is_replaced(tiny: Path) -> None:
    with Server("serve", "--workers", "2", cwd=tiny) as server:
        server.says("with 2 workers")
        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        server.says("was ended by SIGKILL; another takes its place.")
        server.until(lambda: len(server.workers()) == 2, "two workers are there again")
        assert killed not in server.workers()
        assert server.get()[0] == 200


def test_a_replacement_that_cannot_start_is_tried_again(tiny: Path) -> None:
    with Server("serve", cwd=tiny) as server:
        server.says("with one worker")
        (tiny / "main.py").write_text("1 / 0\n")
        os.kill(server.workers()[0], signal.SIGKILL)
        server.says("the next attempt comes in")
        assert "ZeroDivisionError" in server.output
        (tiny / "main.py").write_text(TINY)
        server.answers("production")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_a_request_in_flight_finish(tiny: Path, number: int) -> None:
    with Server("serve", "--workers", "2", cwd=tiny) as server:
        asked = Asked(server, "/slow?seconds=1.5")
        server.send(number)
        assert asked.answer() == (200, '{"says":"done"}')
        assert server.wait() == 0
        assert server.members() == []


def test_a_stop_waits_no_longer_than_it_was_told(tiny: Path) -> None:
    with Server("serve", "--shutdown-timeout", "1", cwd=tiny) as server:
        Asked(server, "/slow?seconds=1000")
        began = time.monotonic()
        server.send(signal.SIGTERM)
        assert server.wait() == 0
        assert time.monotonic() - began < 30
        assert server.members() == []


def test_a_second_signal_does_not_wait(tiny: Path) -> None:
    with Server("serve", "--shutdown-timeout", "1000", cwd=tiny) as server:
        Asked(server, "/slow?seconds=1000")
        server.interrupt()
        server.says("Stopping: ")
        server.interrupt()
        assert server.wait() == 0
        assert server.members() == []


def test_a_stop_refuses_new_connections(tiny: Path) -> None:
    with Server("serve", cwd=tiny) as server:
        port = server.port
        asked = Asked(server, "/slow?seconds=2")
        server.send(signal.SIGTERM)
        server.until(lambda: ask(port, "GET", "/") == (0, ""), "a new connection is refused")
        assert asked.answer()[0] == 200


def test_workers_notice_that_the_command_was_killed_and_finish_their_requests(tiny: Path) -> None:
    with Server("serve", "--workers", "2", cwd=tiny) as server:
        asked = Asked(server, "/slow?seconds=1.5")
        server.send(signal.SIGKILL)
        assert asked.answer()[0] == 200
        server.is_gone()


class Asked:
    """A request on its way: it has reached the route, and its answer is awaited."""

    def __init__(self, server: Server, path: str) -> None:
        self._answers: list[Answer] = []
        port = server.port
        self._thread = threading.Thread(target=lambda: self._answers.append(ask(port, "GET", path)), daemon=True)
        self._thread.start()
        server.says("asked")

    def answer(self) -> Answer:
        self._thread.join()
        return self._answers[0]


def refused(run: Run, root: Path, *texts: str, env: dict[str, str] | None = None) -> None:
    result = run("serve", "--port", "0", cwd=root, env=env)
    assert result.code == 1
    assert all(text in result.stderr for text in texts), result.stderr
    assert "Hint: " in result.stderr
    assert "hunter2" not in result.stderr
