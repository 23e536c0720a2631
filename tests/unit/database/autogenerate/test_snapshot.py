"""Snapshots of the schema: when one is taken, and when it is left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from oppman.database.autogenerate.snapshot import FOLDER, Snapshots
from oppman.database.revisions import History
from oppman.project import Project

REVISION = '"""{0}"""\n\nfrom shop import kinds\n\nrevision = "{0}"\ndown_revision = {1!r}\n'


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as made:
        yield made
    engine.dispose()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two revisions, which import a module of it that imports another."""
    files = {
        "pyproject.toml": "[tool.oppman]\n",
        "migrations/env.py": "",
        "migrations/versions/a.py": REVISION.format("a", None),
        "migrations/versions/b.py": REVISION.format("b", "a"),
        "shop/__init__.py": "",
        "shop/kinds.py": "from .more import LENGTH\n",
        "shop/more.py": "LENGTH = 7\n",
        "shop/models.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def keep(root: Path, connection: Connection, head: str, naming: object = None) -> None:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))")
    connection.exec_driver_sql("DELETE FROM alembic_version")
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (head,))
    connection.commit()
    raw = connection.connection.driver_connection
    assert raw is not None
    snapshots(root, naming).keep(connection, head, raw.serialize())


def restored(root: Path, target: str, naming: object = None) -> str:
    """The revision that an empty database gets to."""
    engine = create_engine("sqlite://")
    with engine.connect() as empty:
        found, _ = snapshots(root, naming).restore(empty, target)
    engine.dispose()
    return found


def snapshots(root: Path, naming: object = None) -> Snapshots:
    project = Project(root, {})
    return Snapshots(project, History.read(project), naming)


def test_one_serves_its_revision_and_later_ones(root: Path, connection: Connection) -> None:
    keep(root, connection, "a")
    assert restored(root, "a") == "a"
    assert restored(root, "b") == "a"
    keep(root, connection, "b")
    assert restored(root, "a") == ""


@pytest.mark.parametrize(
    "name", ["migrations/env.py", "migrations/versions/a.py", "shop/kinds.py", "shop/more.py", "shop/__init__.py"]
)
def test_what_the_migrations_are_made_of_decides(root: Path, connection: Connection, name: str) -> None:
    keep(root, connection, "a")
    text = (root / name).read_text()
    (root / name).write_text(text + "\n# changed\n")
    assert restored(root, "b") == ""
    (root / name).write_text(text)
    assert restored(root, "b") == "a"


def test_the_models_and_later_revisions_do_not(root: Path, connection: Connection) -> None:
    keep(root, connection, "a")
    for name in ("shop/models.py", "migrations/versions/b.py"):
        (root / name).write_text((root / name).read_text() + "\n# changed\n")
    assert restored(root, "b") == "a"


def test_the_naming_convention_decides(root: Path, connection: Connection) -> None:
    keep(root, connection, "a", {"ix": "ix_%(table_name)s"})
    assert restored(root, "a", {"ix": "index_%(table_name)s"}) == ""


def test_a_revision_that_reads_a_file_is_not_kept(root: Path, connection: Connection) -> None:
    path = root / "migrations/versions/a.py"
    path.write_text(path.read_text() + "\nTEXT = open('schema.sql').read()\n")
    keep(root, connection, "a")
    assert not (root / FOLDER).exists()


@pytest.mark.parametrize("damaged", [b"", b"{}", b"[]\n", b'{"head": "a"}\n', b"\xff\xfe\n"])
def test_a_damaged_one_is_left_alone(root: Path, connection: Connection, damaged: bytes) -> None:
    keep(root, connection, "a")
    path = root / FOLDER / "sqlite.schema"
    path.write_bytes(damaged)
    assert restored(root, "a") == ""


def test_a_byte_that_is_not_its_own_is_noticed(root: Path, connection: Connection) -> None:
    keep(root, connection, "a")
    path = root / FOLDER / "sqlite.schema"
    content = path.read_bytes()
    path.write_bytes(content[:-9] + b"x" + content[-8:])
    assert restored(root, "a") == ""
