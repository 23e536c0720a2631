"""Finding the project's database without the project."""

from pathlib import Path

import pytest

from oppman.database import address
from oppman.dotenv import read
from oppman.errors import BadDatabaseUrl
from oppman.project import Project


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///file.db\n")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert address.database_url(Project(tmp_path)) == "sqlite:///file.db"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///environment.db")
    assert address.database_url(Project(tmp_path)) == "sqlite:///environment.db"


def test_what_the_file_leaves_open_is_asked_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / ".env").write_text("DATABASE_URL=${OTHER}\n")
    (tmp_path / "asked_settings.py").write_text(
        "class Settings:\n    database_url = 'sqlite:///settings.db'\n\n\ndef get():\n    return Settings()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    project = Project(tmp_path, {"settings": "asked_settings:get"})
    assert address.database_url(project) == "sqlite:///settings.db"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A = spaced ", "spaced"),
        ("A='it # is'", "it # is"),
        ('A="quoted" # remark', "quoted"),
        ("A=a#b # remark", "a#b"),
        ("A=", ""),
        ("A=x=y", "x=y"),
    ],
)
def test_a_line_of_a_file_is_read_as_the_settings_read_it(tmp_path: Path, line: str, value: str) -> None:
    from dotenv import dotenv_values

    path = tmp_path / ".env"
    path.write_text(f"# A=no\n{line}\nB=2\n")
    assert read(path) == {"A": value, "B": "2"} == dotenv_values(path)


def test_a_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / ".env") == {}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///app.db", "/shop/app.db"),
        ("sqlite+aiosqlite:///a/b.db?x=1", "/shop/a/b.db"),
        ("sqlite:////t/a.db", "/t/a.db"),
    ],
)
def test_a_sqlite_file_is_relative_to_the_project(url: str, name: str) -> None:
    assert address.is_sqlite(url)
    assert address.sqlite_file(Project(Path("/shop")), url) == Path(name)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://app.db"])
def test_a_sqlite_address_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(BadDatabaseUrl):
        address.sqlite_file(Project(Path("/shop")), url)


@pytest.mark.parametrize("url", ["mysql://a/b", "app.db", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(BadDatabaseUrl):
        address.is_sqlite(url)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgres://me:p%40ss@host:5433/shop", "postgresql://me:p%40ss@host:5433/shop"),
        ("postgresql+asyncpg://host/shop?ssl=require", "postgresql://host/shop?sslmode=require"),
        ("postgresql://me@/shop?host=/tmp/x&channel_binding=require", "postgresql://me@/shop?host=%2Ftmp%2Fx"),
        ("postgresql://me@/shop?host=/a%20b/%26", "postgresql://me@/shop?host=%2Fa%20b%2F%26"),
        ("postgresql:///shop?host=/run", "postgresql:///shop?host=%2Frun"),
    ],
)
def test_a_postgresql_address_becomes_one_that_asyncpg_reads(url: str, dsn: str) -> None:
    assert not address.is_sqlite(url)
    assert address.postgres_dsn(url) == dsn
    assert "/other" in address.postgres_dsn(url, "other")


def test_a_bad_port_is_told_without_the_password() -> None:
    with pytest.raises(BadDatabaseUrl) as problem:
        address.postgres_dsn("postgresql://me:secret@host:port/shop")
    assert "secret" not in problem.value.message
