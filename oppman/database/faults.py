"""What a driver's exception means to the person who typed the command."""

from oppman.database.server.place import looks_embedded
from oppman.errors import BadDatabaseUrl, DatabaseError, DatabaseUnreachable, PendingMigrations

UNREACHABLE = "The database cannot be reached: {where} ({why})."
IS_IT_RUNNING = "Is the server running, and is DATABASE_URL in .env right?"

NO_SOCKET = ("filenotfounderror", "connectionrefusederror")

# What ends a statement from outside, so that the statement is not to blame. The columns are those of FAULTS.
INTERRUPTIONS: tuple[tuple[tuple[str, ...], type[DatabaseError], str, str], ...] = (
    (
        ("database or disk is full", "diskfullerror", "no space left on device"),
        DatabaseError,
        "The disk of the database {where} is full ({why}).",
        "Make room and try again. A change that copies a table needs as much room as the table takes.",
    ),
    (
        ("disk i/o error",),
        DatabaseError,
        "The file of the database {where} could not be read or written ({why}).",
        "Is its disk full, over a quota or a limit of file size, or gone?",
    ),
    (
        ("locknotavailable", "canceling statement due to lock timeout"),
        DatabaseError,
        "The database {where} did not give the lock in time ({why}).",
        "Somebody else uses that table: wait for it, or try again when less is going on.",
    ),
    (
        ("canceling statement due to statement timeout",),
        DatabaseError,
        "A statement took longer than the database {where} lets it ({why}).",
        "Allow it more time, or let it do less at once.",
    ),
    (
        (
            "connection was closed in the middle",
            "connectiondoesnotexist",
            "adminshutdown",
            "crashshutdown",
            "terminating connection",
            "connection is closed",
            "connection reset by peer",
            "server closed the connection",
        ),
        DatabaseUnreachable,
        "The connection to {where} was lost ({why}).",
        "Was the server restarted, or the connection ended? What was not committed is undone; try again.",
    ),
)

# What a driver says (lower case, class names included), the error that it is, its message and its hint; the first that
# fits is taken.
FAULTS: tuple[tuple[tuple[str, ...], type[DatabaseError], str, str], ...] = (
    *INTERRUPTIONS,
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
        ("stilllocked",),
        DatabaseError,
        "{why}",
        "Try again when it is done, or give --wait more seconds. `oppman db status` shows how far it is.",
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
    if looks_embedded(url) and any(words in _text(problem) for words in NO_SOCKET):
        return DatabaseUnreachable(
            f"The project's own PostgreSQL server is not running: {masked(url)}.", "`oppman db start` starts it."
        )
    if found := _find(FAULTS, problem, url):
        return found
    if isinstance(problem, (OSError, TimeoutError)):
        return DatabaseUnreachable(UNREACHABLE.format(where=masked(url), why=_last_line(problem)), IS_IT_RUNNING)
    return None


def interruption(problem: BaseException, url: str) -> DatabaseError | None:
    """What ended the work from outside: a full disk, a lost connection, a limit of time. None for all else."""
    return _find(INTERRUPTIONS, problem, url)


def lock_timed_out(problem: BaseException) -> bool:
    """Whether PostgreSQL gave up waiting for a lock."""
    return "locknotavailable" in _text(problem)


def masked(url: str) -> str:
    """`url` with its password replaced by ***."""
    head, at, tail = url.rpartition("@")
    scheme, separator, credentials = head.partition("://")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}{':***' if colon else ''}{at}{tail}" if at else url


def _find(
    faults: tuple[tuple[tuple[str, ...], type[DatabaseError], str, str], ...], problem: BaseException, url: str
) -> DatabaseError | None:
    text = _text(problem)
    for words, kind, message, hint in faults:
        if any(word in text for word in words):
            return kind(message.format(where=masked(url), why=_last_line(problem)), hint)
    return None


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
