"""Where the embedded server of a project keeps its data and its socket, and the DATABASE_URL that names it."""

import os
import re
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from oppman.project import Project

SUPPORTED = sys.platform != "win32"
"""Whether an embedded server can run here. On Windows asyncio cannot connect to a Unix socket."""

OWN_SERVER = "the project's own: `oppman db start`, `oppman db stop`"
"""What reports call it."""

USER = "postgres"
FOLDER = ".postgres"
SHARED = Path("/var/lib/oppman")
"""Where the homes lie that root's projects have: the server runs as another user, who may not enter root's folders."""

TEMPORARY = Path("/tmp")  # noqa: S108 - short, there on every system, and not moved by TMPDIR as the address stays
PORT = "5432"
SOCKET = f".s.PGSQL.{PORT}"
LONGEST = 103
"""Bytes that the path of a socket may have on every system: Linux takes 107, macOS 103."""


@dataclass(frozen=True)
class Place:
    """The `home` of a server, and the folder of its socket: the home itself unless its path is too long for one."""

    home: Path
    sockets: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def address(self, database: str) -> str:
        """The DATABASE_URL that names `database` on this server."""
        return f"postgresql://{USER}@/{quote(database, safe='')}?host={quote(str(self.sockets))}"


def place_for(root: Path) -> Place:
    """Where the embedded server of the project at `root` is for the user of this process.

    `.postgres/` in the project; for root a folder in /var/lib/oppman, named after the project and its path.
    """
    root = root.resolve()
    home = SHARED / f"{root.name}-{_digest(root)}" if is_root() else root / FOLDER
    fits = len(os.fsencode(home / SOCKET)) <= LONGEST
    return Place(home, home if fits else TEMPORARY / f"oppman-{_digest(home)}")


def address_for(root: Path, database: str = "") -> str:
    """The DATABASE_URL of the project at `root` on its embedded server; the database is named after the folder."""
    return place_for(root).address(database or root.resolve().name)


def earlier_data(root: Path) -> Path | None:
    """The home of a server that has outlived a project at `root`, as those in /var/lib/oppman do."""
    home = place_for(root).home
    return home if SUPPORTED and (home / "data").is_dir() else None


def embedded(project: Project, url: str) -> Place | None:
    """The place of the project's embedded server if `url` names that one; None for every other database."""
    folder = socket_folder(url)
    own = place_for(project.root)
    if folder == own.sockets:
        return own
    if folder is not None and folder.parent == SHARED and is_root():
        return Place(folder, folder)  # the project has moved; its data has not
    return None


def looks_embedded(url: str) -> bool:
    """Whether `url` names an embedded server, of whatever project."""
    folder = socket_folder(url)
    if folder is None:
        return False
    # Others have folders called oppman-something in /tmp; ours ends with a digest and nothing else.
    in_temporary = folder.parent == TEMPORARY and re.fullmatch(r"oppman-[0-9a-f]{10}", folder.name) is not None
    return folder.name == FOLDER or folder.parent == SHARED or in_temporary


def socket_folder(url: str) -> Path | None:
    """The folder of the Unix socket that a PostgreSQL `url` names, if it names one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parse_qs(parts.query).get("host") or [""])[-1]
    return Path(host) if parts.scheme.startswith("postgres") and host.startswith("/") else None


def is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _digest(path: Path) -> str:
    return sha256(os.fsencode(path)).hexdigest()[:10]
