"""`oppman runserver` as a person uses it, on a project that oppman did not make and on the starter."""

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from command_line import Run
from servers import Server, ask, write_project

TINY = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/")
async def home():
    return {"says": "before"}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_project(tmp_path / "tiny", TINY)


def test_the_banner_tells_where_everything_is(project: Path) -> None:
    with Server("runserver", cwd=project) as server:
        server.says("Ctrl-C stops.")
        said = server.output
        assert server.get("/health")[0] == 200
        assert f"Address      http://127.0.0.1:{server.port}\n" in said
        assert f"API docs     http://127.0.0.1:{server.port}/docs\n" in said
        assert "Database     sqlite:///app.db\n" in said
        assert "pending: apply with `oppman db migrate`" in said
        assert not (project / "app.db").exists()


def test_the_banner_masks_the_password_of_a_database_that_cannot_be_reached(project: Path) -> None:
    url = "postgresql://shop:hunter2@127.0.0.1:1/shop"
    with Server("runserver", cwd=project, env={"DATABASE_URL": url}) as server:
        server.says("cannot be reached")
        server.says("postgresql://shop:***@127.0.0.1:1/shop")
        assert "hunter2" not in server.output


def test_an_edit_is_served(tiny: Path) -> None:
    with Server("runserver", cwd=tiny) as server:
        server.answers("before")
        for text in ("after", "and again"):
            (tiny / "main.py").write_text(TINY.replace("before", text))
            server.answers(text)
        server.says("Ready again after", times=2)


def test_no_request_is_refused_while_it_starts_anew(tiny: Path) -> None:
    with Server("runserver", cwd=tiny) as server:
        port, seen, done = server.port, [], threading.Event()

        def visit() -> None:
            while not done.is_set():
                seen.append(ask(port, "GET", "/"))

        visitor = threading.Thread(target=visit)
        visitor.start()
        (tiny / "main.py").write_text(TINY.replace("before", "after"))
        server.answers("after")
        done.set()
        visitor.join()
        assert {status for status, _ in seen} == {200}


@pytest.mark.parametrize(
    ("file", "restarts"),
    [
        (".env", True),
        ("templates/a.html", True),
        ("new_folder/a.py", True),
        ("static/a.css", False),
        (".git/a.py", False),
    ],
)
def test_what_starts_it_anew(tiny: Path, file: str, restarts: bool) -> None:
    (tiny / "templates").mkdir()
    with Server("runserver", cwd=tiny) as server:
        server.says("Ctrl-C stops.")
        (tiny / file).parent.mkdir(exist_ok=True)
        (tiny / file).write_text("")
        if not restarts:  # a later edit that does, to have something to wait for
            (tiny / "main.py").write_text(TINY)
        server.says("Ready again after")
        assert (f"{file} changed" in server.output) is restarts


def test_a_crash_on_import_shows_its_traceback_and_waits_for_the_next_edit(tiny: Path) -> None:
    (tiny / "main.py").write_text("def broken():\n    return 1 / 0\n\nbroken()\n")
    with Server("runserver", "--port", str(free_port()), cwd=tiny) as server:
        server.says("Waiting for the next edit.")
        assert f'File "{tiny / "main.py"}", line 2, in broken' in server.output
        assert "ZeroDivisionError" in server.output
        assert "oppman/" not in server.output
        assert "answers" not in server.output
        (tiny / "main.py").write_text(TINY)
        server.answers("before")


def test_a_browser_is_told_about_a_crash_and_comes_back_by_itself(tiny: Path) -> None:
    with Server("runserver", cwd=tiny) as server:
        server.answers("before")
        (tiny / "main.py").write_text("1 / 0\n")
        server.answers("could not be started")
        assert server.get()[0] == 503
        (tiny / "main.py").write_text(TINY.replace("before", "mended"))
        server.answers("mended")


def test_a_lifespan_that_raises_is_told_and_the_next_edit_awaited(tiny: Path) -> None:
    lifespan = "async def lifespan(app):\n    raise RuntimeError('no fuel')\n    yield\n"
    with Server("runserver", "--port", str(free_port()), cwd=tiny) as server:
        (tiny / "main.py").write_text(
            f"import contextlib\n@contextlib.asynccontextmanager\n{lifespan}{TINY}".replace(
                "FastAPI()", "FastAPI(lifespan=lifespan)"
            )
        )
        server.says("Waiting for the next edit.")
        assert "no fuel" in server.output
        (tiny / "main.py").write_text(TINY)
        server.answers("before")


def test_a_worker_that_is_killed_is_replaced(tiny: Path) -> None:
    with Server("runserver", cwd=tiny) as server:
        server.answers("before")
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)
        server.says("was ended by SIGKILL")
        server.answers("before")


def test_a_taken_port_is_told_with_the_next_free_one(tiny: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("runserver", "--port", str(port), cwd=tiny)
    assert result.code == 1
    assert f"Port {port} on 127.0.0.1 is taken by another process." in result.stderr
    assert "is free: `oppman runserver --port " in result.stderr


def test_a_host_that_is_not_ours_is_refused(tiny: Path, run: Run) -> None:
    result = run("runserver", "--host", "203.0.113.7", "--port", "0", cwd=tiny)
    assert result.code == 1
    assert "'203.0.113.7' is no address of this machine." in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
class TestEnding:
    """However it is ended, no process is left."""

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_ends_all_of_it(self, tiny: Path, number: int) -> None:
        with Server("runserver", cwd=tiny) as server:
            server.answers("before")
            server.until(lambda: len(server.workers()) == 2, "the spare is there")
            server.send(number)
            assert server.wait() == 0
            assert server.members() == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_while_it_starts_anew_ends_all_of_it(self, tiny: Path, number: int) -> None:
        with Server("runserver", cwd=tiny) as server:
            server.answers("before")
            (tiny / "main.py").write_text("import time\ntime.sleep(0.3)\n" + TINY)
            server.says("changed: starting anew")
            server.send(number)
            assert server.wait() == 0
            assert server.members() == []

    def test_ctrl_c_while_the_app_is_imported_ends_all_of_it_without_a_traceback(self, tiny: Path) -> None:
        (tiny / "main.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(100)\n")
        with Server("runserver", cwd=tiny) as server:
            server.says("importing")
            server.interrupt()
            assert server.wait() == 0
            assert server.members() == []
            assert "Traceback" not in server.output

    def test_a_request_that_never_ends_does_not_keep_it(self, tiny: Path) -> None:
        endless = '\n@app.get("/endless")\nasync def endless():\n    import asyncio\n    await asyncio.sleep(1000)\n'
        (tiny / "main.py").write_text(TINY + endless)
        with Server("runserver", cwd=tiny) as server:
            waiting = threading.Thread(target=ask, args=(server.port, "GET", "/endless"))
            waiting.start()
            server.answers("before")
            server.interrupt()
            assert server.wait() == 0
            assert server.members() == []
            waiting.join()

    def test_workers_notice_that_the_command_was_killed(self, tiny: Path) -> None:
        with Server("runserver", cwd=tiny) as server:
            server.answers("before")
            server.send(signal.SIGKILL)
            server.is_gone()


class TestWithoutReload:
    """Every way in which a project can be broken has its own message, and exit code 1."""

    def test_it_serves_and_does_not_look_at_files(self, tiny: Path) -> None:
        with Server("runserver", "--no-reload", cwd=tiny) as server:
            server.answers("before")
            assert "starts it anew" not in server.output
            assert len(server.workers()) == 1

    def test_a_module_that_is_missing(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", TINY, 'app = "nowhere:app"')
        refused(run, root, "There is no module 'nowhere'")

    def test_a_module_that_crashes(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", "1 / 0\n")
        refused(run, root, "main could not be imported: it raised ZeroDivisionError.", "main.py", "line 1")

    def test_an_attribute_that_is_missing(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", "application = 1\n")
        refused(run, root, "main has no 'app'")

    def test_an_app_that_is_none(self, tmp_path: Path, run: Run) -> None:
        root = write_project(tmp_path / "tiny", "app = 1\n")
        refused(run, root, "main:app is not an application")

    def test_settings_that_are_unusable(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DEBUG=perhaps\n")
        refused(run, project, "The settings are unusable: DEBUG")

    def test_a_bad_database_url(self, project: Path, run: Run) -> None:
        (project / ".env").write_text("DATABASE_URL=mysql://user:hunter2@host/name\n")
        refused(run, project, "DATABASE_URL")

    def test_no_project(self, tmp_path: Path, run: Run) -> None:
        refused(run, tmp_path, "There is no project")


def refused(run: Run, root: Path, *texts: str) -> None:
    result = run("runserver", "--no-reload", "--port", "0", cwd=root)
    assert result.code == 1
    assert all(text in result.stderr for text in texts), result.stderr
    assert "Hint: " in result.stderr
    assert "hunter2" not in result.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
