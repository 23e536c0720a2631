"""The app's settings: environment variables first, then `.env` in the project root, then the defaults below."""

from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
"""The project root: the folder that contains `webapp/`. Relative paths in the settings start here."""

DEFAULT_SECRET = "development-only-secret-that-production-refuses"  # noqa: S105
MIN_SECRET_LENGTH = 32

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_LIBPQ_ONLY = {"channel_binding", "gssencmode"}  # asyncpg has no such options and negotiates both by itself


class SettingsError(ValueError):
    """The settings cannot be used; the message names each variable and says what to do."""


class Settings(BaseSettings):
    """Values of one process. Building them checks them: a wrong one is a `ValueError`."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore",
        hide_input_in_errors=True,  # an error message must not print a secret
    )  # fmt: skip

    app_name: str = "Oppman"
    environment: Literal["development", "test", "production"] = "development"
    debug: bool = False
    secret_key: SecretStr = SecretStr(DEFAULT_SECRET)

    database_url: str = Field(default="sqlite:///app.db", repr=False)
    database_pool_size: int = Field(default=10, ge=1, description="connections to PostgreSQL that one process keeps")

    session_days: int = Field(default=14, ge=1, description="days for which a browser stays logged in")
    token_hours: int = Field(default=24, ge=1, description="hours for which an API token is valid")

    upload_dir: Path = Path("uploads")
    trusted_hosts: list[str] = Field(default=["*"], description='host names that are served, as a JSON list: ["a.org"]')
    trusted_origins: list[str] = Field(default=[], description='other sites that may send forms: ["https://a.org"]')
    embedder: Literal["hashed", "wordllama"] = Field(default="hashed", description="what makes vectors of texts")
    telemetry: bool = Field(default=False, description="FastAPI's OpenTelemetry hooks; they cost time on each request")

    @property
    def database(self) -> URL:
        """The database's address for SQLAlchemy: async driver, absolute SQLite path."""
        return _async_url(self.database_url)

    @property
    def is_sqlite(self) -> bool:
        return self.database.get_backend_name() == "sqlite"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(days=self.session_days)

    @property
    def token_lifetime(self) -> timedelta:
        return timedelta(hours=self.token_hours)

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        _async_url(value)
        return value

    @field_validator("upload_dir")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        return ROOT / value

    @field_validator("embedder")
    @classmethod
    def _check_embedder(cls, value: str) -> str:
        if value != "hashed" and find_spec(value) is None:
            raise ValueError("EMBEDDER=wordllama needs its package: pip install 'wordllama>=0.4,<0.5'.")
        return value

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if not self.is_production:
            return self
        secret = self.secret_key.get_secret_value()
        advice = (
            'Set a random one, for instance the output of: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
        if secret == DEFAULT_SECRET:
            raise ValueError(f"SECRET_KEY is missing or is the built-in default, which everybody knows. {advice}")
        if len(secret) < MIN_SECRET_LENGTH:
            raise ValueError(f"SECRET_KEY is shorter than {MIN_SECRET_LENGTH} characters. {advice}")
        if self.debug:
            raise ValueError(
                "DEBUG is on, which shows source code to strangers. Set DEBUG=false, or ENVIRONMENT=development."
            )
        return self


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once. Raises `SettingsError`; `get_settings.cache_clear()` reads anew."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(item["loc"], item["msg"]) for item in error.errors())) from None


def _explain(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    variable = ".".join(map(str, location)).upper()
    return message if not variable or variable in message else f"{variable}: {message}"


def _async_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # its own message would print the password
        raise ValueError(
            "DATABASE_URL cannot be read. It looks like sqlite:///app.db or postgresql://user:password@host:5432/name; "
            "characters such as @ : / # in a password are written as %40 %3A %2F %23."
        ) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(
            f"DATABASE_URL names the driver {url.drivername!r}, which this app does not use. "
            "Write sqlite:///app.db or postgresql://user:password@host:5432/name."
        )
    url = url.set(drivername=driver)
    return _sqlite(url) if driver.startswith("sqlite") else _postgres(url)


def _sqlite(url: URL) -> URL:
    if url.host:
        raise ValueError("DATABASE_URL needs three slashes before a SQLite file: sqlite:///app.db.")
    name = url.database or ""
    if not name or ":memory:" in name or name.startswith("file:"):
        raise ValueError(
            "DATABASE_URL names a SQLite database without a file, which every connection would see empty. "
            "Name a file: sqlite:///app.db."
        )
    return url.set(database=str(ROOT / name))


def _postgres(url: URL) -> URL:
    if not url.database:
        raise ValueError("DATABASE_URL names no database. It looks like postgresql://user:password@host:5432/name.")
    query = {key: value for key, value in url.query.items() if key not in _LIBPQ_ONLY}
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(query=query)
