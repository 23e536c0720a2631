"""Where a SQLite database stands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from oppman.database.status import migration_status
from oppman.errors import DatabaseUnreachable, NewerDatabase
from oppman.project import Project

URL = "sqlite:///app.db"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\n")
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations/env.py").touch()
    for name, after in (("aaa1", "None"), ("bbb2", '"aaa1"')):
        (versions / f"{name}.py").write_text(f'revision = "{name}"\ndown_revision = {after}\n')
    return Project(tmp_path)


def stand_at(project: Project, *names: str) -> None:
    with closing(sqlite3.connect(project.root / "app.db")) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.executemany("INSERT INTO alembic_version VALUES (?)", [(name,) for name in names])


def test_no_file_is_an_empty_database_and_stays_no_file(project: Project) -> None:
    status = migration_status(project, URL)
    assert (status.current, status.heads) == ((), ("bbb2",))
    assert [revision.id for revision in status.pending] == ["aaa1", "bbb2"]
    assert not (project.root / "app.db").exists()


def test_a_database_half_way(project: Project) -> None:
    stand_at(project, "aaa1")
    status = migration_status(project, URL)
    assert (status.current, [revision.id for revision in status.pending]) == (("aaa1",), ["bbb2"])
    assert not status.up_to_date


def test_looking_leaves_no_files_behind(project: Project) -> None:
    stand_at(project, "bbb2")
    assert migration_status(project, URL).up_to_date
    assert [path.name for path in project.root.glob("app.db*")] == ["app.db"]


def test_a_database_newer_than_the_code(project: Project) -> None:
    stand_at(project, "zzz9")
    status = migration_status(project, URL)
    assert (status.unknown, status.pending, status.up_to_date) == (("zzz9",), (), False)
    with pytest.raises(NewerDatabase, match="zzz9"):
        status.refuse_unknown()


def test_a_file_that_is_no_database(project: Project) -> None:
    (project.root / "app.db").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(DatabaseUnreachable, match="not a SQLite database"):
        migration_status(project, URL)


def test_a_folder_that_is_not_there(project: Project) -> None:
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        migration_status(project, "sqlite:///data/app.db")
