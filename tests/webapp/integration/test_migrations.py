"""Migrations: there and back again, without losing a row on the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from webapp.db import dispose, transaction
from webapp.settings import ROOT, get_settings

REVISION = '''
"""a test"""
import sqlalchemy as sa
from alembic import op

revision = "testing"
down_revision = {down_revision!r}
branch_labels = depends_on = None


def upgrade() -> None:
{body}


def downgrade() -> None:
    pass
'''
BATCH = """
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("extra", sa.String(length=9), nullable=True))
        batch.alter_column("name", type_=sa.String(length=200))
"""
ORPHANS = """
    op.add_column("users", sa.Column("extra", sa.String(length=9), nullable=True))
    op.execute("DELETE FROM users")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to add revisions to."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=ignore)
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["{ROOT.as_posix()}"]\n'
    )
    return tmp_path


def _alembic(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "alembic", "-c", str(folder / "pyproject.toml"), *arguments]
    # From another folder: nothing may depend on where the command is typed.
    return subprocess.run(command, cwd=folder.parent, env=os.environ, capture_output=True, text=True, check=False)


def _add_revision(folder: Path, body: str) -> None:
    head = _alembic("heads", folder=folder).stdout.split()[0]
    (folder / "migrations" / "versions" / "testing.py").write_text(REVISION.format(down_revision=head, body=body))


async def _execute(*statements: str) -> list[object]:
    async with transaction() as session:
        found = [(await session.execute(text(statement))) for statement in statements]
        rows = [row[0] for result in found if result.returns_rows for row in result]  # type: ignore[attr-defined]
    await dispose()
    return rows


async def _insert_user_with_a_role() -> None:
    await _execute(
        "INSERT INTO users (email, name, password_hash, is_active, is_superuser, session_version, created_at) "
        "VALUES ('x@example.com', 'x', 'x', true, false, 1, '2026-01-01 00:00:00')",
        "INSERT INTO roles (name, description, permissions) VALUES ('x', '', '[]')",
        "INSERT INTO user_roles (user_id, role_id) VALUES (1, 1)",
    )


def test_up_down_and_up_again_leave_models_and_database_in_agreement(bare_database: str) -> None:
    for arguments in (("upgrade", "head"), ("check",), ("downgrade", "base"), ("upgrade", "head"), ("check",)):
        done = _alembic(*arguments)
        assert done.returncode == 0, f"alembic {arguments}: {done.stdout}{done.stderr}"
    assert "(head)" in _alembic("current").stdout


def test_a_revision_is_written_without_sqlmodel_and_can_be_applied(bare_database: str, folder: Path) -> None:
    for path in (folder / "migrations" / "versions").glob("*.py"):
        path.unlink()
    written = _alembic("revision", "--autogenerate", "-m", "all of it", folder=folder)
    assert written.returncode == 0, written.stderr
    (path,) = (folder / "migrations" / "versions").glob("*.py")
    source = path.read_text()
    assert "sqlmodel" not in source
    assert "import sqlalchemy as sa" in source
    assert "uq_users_email" in source
    for arguments in (("upgrade", "head"), ("check",), ("downgrade", "base")):
        done = _alembic(*arguments, folder=folder)
        assert done.returncode == 0, done.stderr


def test_the_sql_can_be_printed_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    # For SQLite a revision that changes a table has to see it: it copies it.
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    printed = _alembic("upgrade", "head", "--sql")
    assert printed.returncode == 0, printed.stderr
    assert "CREATE TABLE users" in printed.stdout


async def test_a_batch_change_keeps_the_rows_that_refer_to_the_table(bare_database: str, folder: Path) -> None:
    assert _alembic("upgrade", "head").returncode == 0
    await _insert_user_with_a_role()
    _add_revision(folder, BATCH)
    done = _alembic("upgrade", "head", folder=folder)
    assert done.returncode == 0, done.stderr
    assert await _execute("SELECT count(*) FROM user_roles", "SELECT count(*) FROM users") == [1, 1]


async def test_a_revision_that_leaves_orphans_fails_and_changes_nothing(bare_database: str, folder: Path) -> None:
    if not get_settings().is_sqlite:
        pytest.skip("PostgreSQL checks its foreign keys by itself, always.")
    assert _alembic("upgrade", "head").returncode == 0
    await _insert_user_with_a_role()
    _add_revision(folder, ORPHANS)
    done = _alembic("upgrade", "head", folder=folder)
    assert done.returncode != 0
    assert "user_roles" in done.stderr
    assert await _execute("SELECT count(*) FROM users") == [1]
    assert await _execute("SELECT count(*) FROM pragma_table_info('users') WHERE name = 'extra'") == [0]
