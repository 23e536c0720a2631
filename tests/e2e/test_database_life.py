"""The life of a database from its first migration to its move, as bench/database_life.py walks through it."""

import subprocess
import sys

import pytest

from command_line import ROOT, clean_environment


@pytest.mark.e2e
def test_no_row_is_lost_from_the_first_migration_to_the_move_to_postgresql() -> None:
    done = subprocess.run(
        [sys.executable, "bench/database_life.py", "--rows", "300"],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:-1] == ["    its backup was proved by restoring it"]
