"""What the terminal of the development server shows once the app answers."""

import threading
from collections.abc import Iterable

from oppman import console
from oppman.database.faults import masked
from oppman.errors import NoMigrations, OppmanError
from oppman.project import Project
from oppman.server.process import Events


class Banner:
    """Everything once, and after each edit one line. The database is asked meanwhile, in a thread."""

    def __init__(self, project: Project, url: str, events: Events, *, reload: bool) -> None:
        self._project, self._url, self._events, self._reload = project, url, events, reload
        self._settings: dict[str, str] = {}
        self._asked = False
        self._shown = False
        self._migrations: str | None = None

    def settings_known(self, settings: dict[str, str]) -> None:
        """Ask the database for its migrations while the app is still being imported."""
        self._settings = settings
        if settings["database_url"] and not self._asked:
            self._asked = True
            threading.Thread(target=self._ask, args=(settings["database_url"],), daemon=True).start()

    def ask_again_after(self, changed: Iterable[str]) -> None:
        """Forget the answer if one of the files that changed may be a migration, or say where the database is."""
        if any(name.startswith(".env") or "versions/" in name for name in changed):
            self._asked = False

    def migrations_known(self, text: str) -> None:
        """Show the database's answer, if it is news and the rest is shown already."""
        news, self._migrations = text != self._migrations, text
        if self._shown and news and text:
            console.note(f"Migrations: {text}")

    def show(self, facts: dict[str, str], seconds: float) -> None:
        """Say that the app answers; `seconds` is how long it took."""
        if self._shown:
            console.note(f"Ready again after {seconds:.1f} s.")
            return
        self._shown = True
        name = self._settings.get("app_name") or self._project.root.name
        lines = {
            "Address": self._url,
            "Admin": facts["admin"] and self._url + facts["admin"],
            "API docs": facts["docs"] and self._url + facts["docs"],
            "Environment": self._settings.get("environment", ""),
            "Database": masked(self._settings.get("database_url", "")),
            "Migrations": self._migrations or "",
        }
        console.note()
        console.note(f"{name} answers.", "bold")
        for title, value in lines.items():
            if value:
                console.note(f"  {title:<13}{value}")
        console.note()
        console.note(
            "A change of a .py, .html or .env file starts it anew. Ctrl-C stops." if self._reload else "Ctrl-C stops."
        )

    def _ask(self, url: str) -> None:
        self._events.put("database", migrations(self._project, url))


def migrations(project: Project, url: str) -> str:
    """How the database at `url` stands to the migrations, in a line; "" if the project has none."""
    from oppman.database.status import migration_status

    try:
        status = migration_status(project, url)
    except NoMigrations:
        return ""
    except OppmanError as problem:
        return problem.message
    if status.unknown:
        return "the database is newer than the code (`oppman db status`)"
    if len(status.heads) > 1:
        return f"{len(status.heads)} heads: join them with `oppman db merge` or `oppman db rebase`"
    if status.pending:
        return f"{len(status.pending)} pending: apply with `oppman db migrate`"
    return "up to date"
