"""The files by which PostgreSQL tells that a server is at work: on a data folder, and on a socket."""

from contextlib import suppress
from pathlib import Path

POSTMASTER = "postmaster.pid"


def holder(file: Path) -> int | None:
    """The process id of the server that wrote `file`, if it runs. Another process with that id does not count."""
    import psutil  # comes with the server's package

    try:
        pid, data, *_ = file.read_text().splitlines()
        process = psutil.Process(int(pid))
        return process.pid if process.name() == "postgres" and data in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):  # no such file, half a file, no such process, a zombie
        return None


def forget_stale(file: Path) -> None:
    """Remove `file` if the process id in it belongs to something else by now, as after a reboot.

    PostgreSQL would take that process for a server. A file whose process is gone is left to PostgreSQL, which also
    looks whether a child of that server lives on.
    """
    import psutil

    with suppress(OSError, ValueError):
        if psutil.pid_exists(int(file.read_text().split()[0])) and holder(file) is None:
            file.unlink()
