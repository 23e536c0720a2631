"""The files by which PostgreSQL tells that a server is at work: on a data folder, and on a socket."""

from contextlib import suppress
from pathlib import Path
from typing import Any

POSTMASTER = "postmaster.pid"


def holder(file: Path, data: Path) -> int | None:
    """The process id of the server that wrote `file`, if it runs, and on the folder `data`.

    Another process with that id does not count, nor the server of the folder that `data` was copied from.
    """
    import psutil  # comes with the server's package

    server = _server(file)
    try:
        return server.pid if server and data.samefile(server.cwd()) else None
    except psutil.AccessDenied:  # root in a container may not look; then rather no second server than two on one folder
        return server.pid if server else None
    except (OSError, psutil.Error):  # its folder is gone, or itself
        return None


def forget_stale(file: Path, data: Path) -> Path | None:
    """Remove `file` if the process id in it belongs to something else by now, as after a reboot or in a copied folder.

    PostgreSQL would take that process for a server. A file whose process is gone is left to PostgreSQL, which also
    looks whether a child of that server lives on. Of a copied folder, the one that it was copied from is returned: its
    server runs.
    """
    import psutil

    with suppress(OSError, ValueError):
        if psutil.pid_exists(int(file.read_text().split()[0])) and holder(file, data) is None:
            origin = Path(file.read_text().splitlines()[1]) if _server(file) else None
            file.unlink()
            return origin
    return None


def _server(file: Path) -> Any:
    """The process that `file` names, if it is a PostgreSQL and was started on the folder that is named as well."""
    import psutil

    try:
        pid, named, *_ = file.read_text().splitlines()
        process = psutil.Process(int(pid))
        return process if process.name() == "postgres" and named in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):  # no such file, half a file, no such process, a zombie
        return None
