"""PostgreSQL's own programs, which write and read its own format of a backup."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from oppman.database.backup.archive import CHUNK, Part
from oppman.database.backup.watch import Watch
from oppman.database.server.programs import bundled
from oppman.errors import BackupFailed


@dataclass(frozen=True)
class Programs:
    """Where `pg_dump` and `pg_restore` are."""

    pg_dump: str
    pg_restore: str

    @classmethod
    def find(cls, server: int) -> "Programs | None":
        """Those on the PATH, or those that came with the package of the embedded server; None if there are none.

        Both have to be there and not older than the server, whose major version is given.
        """
        packaged = bundled()
        for folder in (None, packaged) if packaged else (None,):
            pg_dump, pg_restore = (shutil.which(name, path=folder) for name in ("pg_dump", "pg_restore"))
            if pg_dump and pg_restore and min(_major(pg_dump), _major(pg_restore)) >= server:
                return cls(pg_dump, pg_restore)
        return None

    def dump(self, dsn: str, snapshot: str, part: Part) -> None:
        """Write the whole database, as an exported snapshot sees it. Raises BackupFailed."""
        options = ["--format=custom", "--no-password", f"--snapshot={snapshot}"]
        with _running(self.pg_dump, options, dsn, stdout=subprocess.PIPE) as process, Watch("pg_dump writes") as watch:
            while chunk := process.stdout.read(CHUNK):
                part.write(chunk)
                watch.add(len(chunk))

    def restore(self, dsn: str, chunks: Iterable[bytes], *options: str) -> None:
        """Read a database into the one at `dsn`, as its user's own. Raises BackupFailed."""
        given = ["--format=custom", "--no-password", "--no-owner", "--no-privileges", "--exit-on-error", *options]
        with _running(self.pg_restore, given, dsn, stdin=subprocess.PIPE) as process, suppress(BrokenPipeError):
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()


@contextmanager
def _running(program: str, options: list[str], dsn: str, **pipes: Any) -> Iterator[Any]:
    """The program at work on a database; killed if the block raises, waited for and judged at its end."""
    parts = urlsplit(dsn)
    # The password travels in the environment: a command line can be read by every user of the machine.
    credentials, at, host = parts.netloc.rpartition("@")
    address = parts._replace(netloc=f"{credentials.partition(':')[0]}{at}{host}").geturl()
    environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([program, *options, f"--dbname={address}"], env=environment, stderr=errors, **pipes)
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            _close(process.stdout)
            _close(process.stdin)
            code = process.wait()
        if code:
            errors.seek(0)
            name = os.path.basename(program)  # noqa: PTH119
            raise BackupFailed(f"{name} failed.", "What it said stands above.", errors.read().decode(errors="replace"))


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):
            pipe.close()


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    match = re.search(r"\d+", said)
    return int(match[0]) if match else 0
