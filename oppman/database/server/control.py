"""Start and stop the embedded server of a project. It outlives the command that started it."""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from oppman import console
from oppman.database import address
from oppman.database.faults import masked
from oppman.database.server import place as places
from oppman.database.server import programs
from oppman.database.server.lock_files import POSTMASTER, forget_stale, holder
from oppman.database.server.place import PORT, SOCKET, USER, Place
from oppman.errors import DatabaseError, Refused
from oppman.project import Project

PATIENCE = 60
"""Seconds that a server gets to start, with the recovery after a crash, and to stop."""

LOG_LINES = 15
REJECTED, NO_ANSWER = 1, 2  # what pg_isready exits with while a server starts


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
        started = _holder(place) is None or _stopped_for_its_socket(place)
        if started:
            _make_sockets(place)
            _initialise(place, version)
            _launch(place)
        _wait_until_it_answers(place)
        pid = _holder(place)
    if pid is None:
        raise _failure(place, "The server ended right after its start.", _logged(place))
    return Server(place, version, pid, started)


def stop(project: Project, url: str) -> bool:
    """Stop the project's embedded server cleanly and say whether it ran. Sessions are ended, their work rolled back."""
    place = _required(project, url)
    programs.folder()  # without the package nothing can be looked at
    if not place.data.is_dir():
        return False
    with _alone(place):
        if _holder(place) is None:
            return False
        _stop(place)
    return True


def wake(project: Project) -> None:
    """Start the embedded server if the project's DATABASE_URL names it and it is not running, and say so."""
    url = address.written_url(project)
    if places.embedded(project, url) and (server := start(project, url)).started:
        console.note(f"Started PostgreSQL {server.version}. It keeps running: `oppman db stop` stops it.")


def _holder(place: Place) -> int | None:
    return holder(place.data / POSTMASTER, place.data)


def _stop(place: Place) -> None:
    done = programs.run("pg_ctl", "stop", "-D", place.data, "-m", "fast", "-w", "-t", str(PATIENCE))
    if done.returncode:
        raise _failure(place, "The server does not stop.", _logged(place))


def _stopped_for_its_socket(place: Place) -> bool:
    """Stop a server that nobody can reach: its socket was removed, or left behind when the project moved."""
    if (place.sockets / SOCKET).exists():
        return False
    console.warn(f"The server had lost its socket in {place.sockets}; it is started anew.")
    _stop(place)
    return True


def _required(project: Project, url: str) -> Place:
    place = places.embedded(project, url)
    if place is None:
        raise _not_ours(project, url)
    return place


def _not_ours(project: Project, url: str) -> Refused:
    if not places.SUPPORTED:
        return _not_on_windows()
    if places.looks_embedded(url):
        database = unquote(urlsplit(url).path.removeprefix("/"))  # its data moved along under the old name
        here = f"DATABASE_URL={places.address_for(project.root, database)}"
        return Refused(
            f"DATABASE_URL names the embedded server of another folder or another user: {places.socket_folder(url)}.",
            f"If the project was moved here, with its data, write this into .env: {here}",
        )
    here = f"DATABASE_URL={places.address_for(project.root)}"
    return Refused(
        f"DATABASE_URL names a database that is not the project's own server: {masked(url)}.",
        f"That one is not ours to start or stop. A server of the project's own would be: {here}",
    )


def _not_on_windows() -> Refused:
    return Refused(
        "The embedded server does not run on Windows.",
        "Work in WSL, or let DATABASE_URL name a server that is installed.",
    )


def _version() -> str:
    return programs.run("postgres", "--version").stdout.split()[-1]


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Inside, nobody else starts or stops this server. The lock ends with the process that holds it."""
    if sys.platform == "win32":
        raise _not_on_windows()
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
        user.own(folder)


def _make_sockets(place: Place) -> None:
    """The folder of the socket. Raises Refused if somebody else made it, who could listen to what is said."""
    if place.sockets == place.home:
        return
    if not place.sockets.exists():
        _make_folder(place.sockets)
    found = place.sockets.lstat()
    if found.st_uid != programs.user_id() or found.st_mode & 0o077:
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
        if (origin := forget_stale(file, place.data)) and file.name == POSTMASTER:
            console.warn(
                f"This data was copied from {origin} while its server ran, so it may be only half of what it was. "
                "To be sure, stop that server and copy again."
            )
    # No address but the socket, in a folder that nobody else may enter: that is why no password is needed.
    options = f"-c listen_addresses= -c unix_socket_permissions=0700 -p {PORT} -k {shlex.quote(str(place.sockets))}"
    deadline = time.monotonic() + PATIENCE
    while True:
        begun = place.log.stat().st_size if place.log.exists() else 0
        done = programs.run(
            "pg_ctl", "start", "-D", place.data, "-l", place.log, "-w", "-t", str(PATIENCE), "-o", options
        )  # fmt: skip
        if done.returncode == 0:
            return
        # The children of a server that was killed end by themselves, within moments.
        if "pre-existing shared memory block" not in _logged(place, begun) or time.monotonic() > deadline:
            raise _failure(place, "The server did not start.", _logged(place, begun) or done.stderr)
        time.sleep(0.2)


def _wait_until_it_answers(place: Place) -> None:
    deadline = time.monotonic() + PATIENCE
    asking = ("pg_isready", "--quiet", "--host", place.sockets, "--port", PORT, "--username", USER, "--dbname", USER)
    while (answer := programs.run(*asking)).returncode:
        if answer.returncode not in (REJECTED, NO_ANSWER):
            raise DatabaseError("The server cannot be asked whether it is ready.", "", answer.stderr)
        if time.monotonic() > deadline:
            raise _failure(place, f"The server does not answer after {PATIENCE} seconds.", _logged(place))
        time.sleep(0.1)


def _logged(place: Place, begun: int = 0) -> str:
    """The log, from the byte `begun` on."""
    return place.log.read_bytes()[begun:].decode("utf-8", "replace") if place.log.exists() else ""


def _failure(place: Place, what: str, said: str) -> DatabaseError:
    tail = "\n".join(said.splitlines()[-LOG_LINES:])
    return DatabaseError(what, f"What the server said stands above; all of its log is in {place.log}.", tail)


def _other_release(place: Place, made_by: str, version: str) -> DatabaseError:
    return DatabaseError(
        f"The data in {place.data} was made by PostgreSQL {made_by}, and this is {version}. Nothing was touched.",
        f'To bring it over, install the old one again (pip install "{programs.PACKAGE}=={made_by}.*"), and '
        "`oppman db start` and `oppman db backup` with it. Then move that folder away, install the new one, and "
        "`oppman db start` and `oppman db restore`.",
    )
