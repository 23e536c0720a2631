"""What a driver's exception means to the person who typed the command."""

from oppman.database.server.place import looks_embedded
from oppman.errors import BadDatabaseUrl, DatabaseError, DatabaseUnreachable, PendingMigrations

UNREACHABLE = "The database cannot be reached: {where} ({why})."
IS_IT_RUNNING = "Is the server running, and is DATABASE_URL in .env right?"

NO_SOCKET = ("filenotfounderror", "connectionrefusederror")

# What a driver says (lower case, class names included), the error that it is, its message and its hint; the first that
# fits is taken.
FAULTS: tuple[tuple[tuple[str, ...], type[DatabaseError], str, str], ...] = (
    (
        ("invalidcatalogname",),
        DatabaseUnreachable,
        "The server has no such database: {where}.",
        "`oppman init` creates it.",
    ),
    (
        ("invalidpassword", "password authentication failed", "invalidauthorizationspecification"),
        DatabaseUnreachable,
        "The database refuses the user or the password of {where}.",
        "Mend DATABASE_URL in .env.",
    ),
    (
        ("nosuchmoduleerror", "sqlalchemy.exc.argumenterror"),
        BadDatabaseUrl,
        "DATABASE_URL cannot be understood: {where}.",
        "It reads sqlite:///app.db or postgresql://user:password@host/name.",
    ),
    (
        ("no such table", "no such column", "undefinedtable", "undefinedcolumn"),
        PendingMigrations,
        "The database {where} lacks a table or a column that the models have.",
        "Apply the migrations with `oppman db migrate`; `oppman db status` shows where it stands.",
    ),
    (
        ("file is not a database",),
        DatabaseUnreachable,
        "{where} is not a SQLite database.",
        "Mend DATABASE_URL in .env, or move that file away.",
    ),
    (
        ("database is locked",),
        DatabaseUnreachable,
        "The database {where} is locked by another process.",
        "Wait for it to finish, and try again.",
    ),
    (
        (
            "connection refused",
            "connect call failed",
            "could not connect",
            "connection was closed",
            "cannotconnectnow",
            "toomanyconnections",
            "name or service not known",
            "temporary failure in name resolution",
            "unable to open database file",
            "readonly database",
        ),
        DatabaseUnreachable,
        UNREACHABLE,
        IS_IT_RUNNING,
    ),
)


def explain(problem: BaseException, url: str) -> DatabaseError | None:
    """The DatabaseError that `problem` amounts to, or None if it is not a database's trouble that a person can mend.

    `url` is the project's DATABASE_URL; what is shown of it never holds the password.
    """
    where, text = masked(url), _text(problem)
    if looks_embedded(url) and any(words in text for words in NO_SOCKET):
        return DatabaseUnreachable(
            f"The project's own PostgreSQL server is not running: {where}.", "`oppman db start` starts it."
        )
    for words, kind, message, hint in FAULTS:
        if any(word in text for word in words):
            return kind(message.format(where=where, why=_last_line(problem)), hint)
    if isinstance(problem, (OSError, TimeoutError)):
        return DatabaseUnreachable(UNREACHABLE.format(where=where, why=_last_line(problem)), IS_IT_RUNNING)
    return None


def masked(url: str) -> str:
    """`url` with its password replaced by ***."""
    head, at, tail = url.rpartition("@")
    scheme, separator, credentials = head.partition("://")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}{':***' if colon else ''}{at}{tail}" if at else url


def _text(problem: BaseException) -> str:
    chain: list[str] = []
    current: BaseException | None = problem
    while current is not None and len(chain) < 5:
        chain.append(f"{type(current).__module__}.{type(current).__name__} {current}")
        current = getattr(current, "orig", None) or current.__cause__
    return " ".join(chain).lower()


def _last_line(problem: BaseException) -> str:
    original = getattr(problem, "orig", None) or problem
    return (str(original).strip().splitlines() or [type(original).__name__])[0].rpartition(">: ")[2]
