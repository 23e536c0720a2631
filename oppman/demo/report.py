"""What the demo commands say."""

from typing import Any

from oppman import console
from oppman.errors import Refused


def loaded(report: Any, password: str | None) -> None:
    """How many rows were added, and how to log in. `password` is a generated one, which is shown; None: not shown."""
    rows = [(table, added, report.present[table]) for table, added in report.added.items()]
    if any(report.added.values()):
        console.table(("table", "added", "there before"), rows)
        console.success(f"Loaded {sum(report.added.values()):,} rows.")
    else:
        console.success("Everything was there already; nothing was added.")
    logins(report, password)


def logins(report: Any, password: str | None) -> None:
    """Who can log in. Only those who were given their password now can be told what it is."""
    opened = [login for login in report.logins if login.opened]
    if opened:
        console.out()
        console.table(("log in as", "role"), [(login.email, login.role or "none") for login in opened])
        if password:
            console.out(f"Password of them all, shown this once: {password}")
        else:
            console.out("Password of them all: the one that you gave.")
    elif report.logins:
        console.note(
            "The demo users keep the passwords that they have, which nobody can look up. To set a new one:\n"
            f"  oppman users set-password {report.logins[0].email}"
        )


def confirm_unload(counts: list[dict[str, Any]], yes: bool) -> None:
    """Say what goes and what stays, and ask. Raises Refused for a no."""
    parts = [f"{count['demo']:,} {count['table']}" for count in counts if count["demo"]]
    if yes or not parts:
        return
    if console.interactive():
        console.note(
            "The demo's rows go, changed ones too. What you added stays, and with it a demo row that it needs, such\n"
            "as a webinar that somebody registered for."
        )
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    if not console.confirm(f"Remove the demo's {listed}?"):
        raise Refused("Nothing was removed.")


def unloaded(report: Any, superusers: int) -> None:
    """How many rows went, which stayed, and what to do if the last superuser went with them."""
    if not any((*report.removed.values(), *report.kept.values())):
        console.success("There is no demo data; nothing was removed.")
        return
    console.table(
        ("table", "removed", "kept"),
        [(table, removed, report.kept[table]) for table, removed in report.removed.items()],
    )
    console.success(f"Removed {sum(report.removed.values()):,} rows.")
    if kept := [f"{count:,} of {table}" for table, count in report.kept.items() if count]:
        console.note(f"Kept, because rows of yours need them, and yours from now on: {', '.join(kept)}.")
    if not superusers:
        console.note("There is no superuser now: `oppman createsuperuser` makes one.")
