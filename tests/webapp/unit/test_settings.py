"""The settings are checked when the process starts."""

from pathlib import Path

import pytest

from webapp.settings import DEFAULT_SECRET, ROOT, Settings, SettingsError, get_settings

LONG = "x1y2z3" * 8


def _read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    return get_settings()


@pytest.mark.parametrize("secret", ["", DEFAULT_SECRET, "short"])
def test_production_refuses_a_missing_default_or_short_secret(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    with pytest.raises(SettingsError, match=r"SECRET_KEY.*secrets\.token_urlsafe"):
        _read(monkeypatch, ENVIRONMENT="production", SECRET_KEY=secret)


def test_production_refuses_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="DEBUG"):
        _read(monkeypatch, ENVIRONMENT="production", SECRET_KEY=LONG, DEBUG="true")


def test_production_accepts_a_long_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, ENVIRONMENT="production", SECRET_KEY=LONG).is_production


@pytest.mark.parametrize("environment", ["development", "test"])
def test_the_default_secret_is_good_enough_elsewhere(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    settings = _read(monkeypatch, ENVIRONMENT=environment, SECRET_KEY=DEFAULT_SECRET)
    assert settings.environment == environment


def test_an_unknown_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"ENVIRONMENT.*development"):
        _read(monkeypatch, ENVIRONMENT="prod")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_spelling_of_postgres_becomes_the_async_driver(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    url = _read(monkeypatch, DATABASE_URL=f"{scheme}://ann:p%40ss@db:5433/shop").database
    assert (url.drivername, url.password, url.host, url.port, url.database) == (
        "postgresql+asyncpg", "p@ss", "db", 5433, "shop",
    )  # fmt: skip


def test_sslmode_is_translated_for_asyncpg(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _read(monkeypatch, DATABASE_URL="postgres://u:p@h/d?sslmode=require&channel_binding=require")
    assert dict(settings.database.query) == {"ssl": "require"}


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_a_relative_sqlite_path_starts_at_the_project_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = _read(monkeypatch, DATABASE_URL=f"{scheme}:///data/shop.db")
    assert settings.database.drivername == "sqlite+aiosqlite"
    assert settings.database.database == str(ROOT / "data" / "shop.db")
    assert settings.is_sqlite


def test_an_absolute_sqlite_path_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = _read(monkeypatch, DATABASE_URL=f"sqlite:///{(tmp_path / 'a.db').as_posix()}")
    assert settings.database.database == str(tmp_path / "a.db")


def test_the_upload_folder_starts_at_the_project_root(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _read(monkeypatch, UPLOAD_DIR="files").upload_dir == ROOT / "files"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("no address, hunter2", "cannot be read"),
        ("postgresql://u:hunter2@h:port/d", "cannot be read"),
        ("mysql://u:hunter2@h/d", "driver 'mysql'"),
        ("postgresql+psycopg2://u:hunter2@h/d", "driver 'postgresql\\+psycopg2'"),
        ("postgresql://u:hunter2@h", "names no database"),
        ("sqlite://", "without a file"),
        ("sqlite:///:memory:", "without a file"),
        ("sqlite://app.db", "three slashes"),
    ],
)
def test_a_bad_database_address_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=f"DATABASE_URL.*{message}") as caught:
        _read(monkeypatch, DATABASE_URL=address)
    assert "hunter2" not in str(caught.value)


def test_settings_do_not_print_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _read(monkeypatch, SECRET_KEY=LONG, DATABASE_URL="postgresql://u:hunter2@h/d")
    assert LONG not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.database)
