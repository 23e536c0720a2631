"""What an exception in the middle of a migration amounts to, and where the database stands then."""

import traceback
from pathlib import Path

from oppman.database.faults import explain, interruption, lock_timed_out
from oppman.database.locks import holders
from oppman.database.revisions import History, Revision, migrations_folder
from oppman.database.status import current_revisions
from oppman.errors import DatabaseError, MigrationFailed, OppmanError
from oppman.project import Project

FAKE = (
    "If those tables were made without migrations and are what the migrations would make, record that with "
    "`oppman db migrate --fake`."
)


def failure(
    project: Project, url: str, problem: Exception, revision: str = "", before: tuple[str, ...] | None = None
) -> OppmanError:
    """What `problem` amounts to: the database's trouble, that of the `revision` that was running, or `env.py`'s.

    `before` is where the database stood; None if the revision ran on a scratch database.
    """
    if isinstance(problem, OppmanError):
        return problem
    if cut_off := interruption(problem, url):
        return _interrupted(project, url, problem, cut_off, revision, before)
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _is_own(project, Path(frame.filename))]
    if not frames and (explained := explain(problem, url)):
        return explained
    detail = "".join(["Traceback (most recent call last):\n"] * bool(frames) + traceback.format_list(frames))
    detail += "".join(traceback.format_exception_only(type(problem), getattr(problem, "orig", None) or problem))
    if not revision:
        return DatabaseError(
            f"The migrations could not be run: {_first_line(problem)}", "Mend what the lines above name.", detail
        )
    failed = History.read(project).revisions[revision]
    state = "It ran on a scratch database; yours was not touched." if before is None else ""
    return MigrationFailed(
        f"Revision {failed} failed: {_first_line(problem)} {state or stands(project, url, failed, before)}",
        FAKE if before == () and "already exists" in str(problem) else f"Mend {failed.path.name} and try again.",
        detail,
    )


def _interrupted(
    project: Project,
    url: str,
    problem: Exception,
    cut_off: DatabaseError,
    revision: str,
    before: tuple[str, ...] | None,
) -> OppmanError:
    """What ended a revision from outside, and who is in its way; the revision's own lines are not to blame."""
    if not revision or before is None:
        return cut_off
    failed = History.read(project).revisions[revision]
    message, hint = cut_off.message, cut_off.hint
    if lock_timed_out(problem) and (found := holders(url, str(getattr(problem, "statement", None) or ""))):
        tables = ", ".join(dict.fromkeys(holder.table for holder in found))
        message = f"It could not have the table {tables} in time: in use by {'; '.join(h.text for h in found)}."
        ending = " ".join(f"SELECT pg_terminate_backend({holder.pid});" for holder in found)
        hint = f"Wait for that to end, or end it: {ending} --lock-timeout SECONDS waits longer."
    state = stands(project, url, failed, before)
    return MigrationFailed(f"Revision {failed} was interrupted. {message} {state}", hint)


def _is_own(project: Project, path: Path) -> bool:
    """Whether `path` is code of the project: not a library, not the tool, and not `env.py`, which is always there."""
    return (
        project.root in path.parents
        and "site-packages" not in path.parts
        and Path(__file__).parent.parent not in path.parents
        and path != migrations_folder(project) / "env.py"
    )


def stands(project: Project, url: str, failed: Revision, before: tuple[str, ...] | None) -> str:
    """Where the database is after `failed` ended in the middle, in a sentence; `before` is where it was."""
    try:
        current = current_revisions(project, url)
    except OppmanError:
        return "Where the database stands now could not be read."
    where = f"at revision {', '.join(current)}" if current else "before the first revision"
    if "autocommit_block" in failed.path.read_text(encoding="utf-8"):
        return f"The database is {where}; what that revision did in its autocommit_block has stayed."
    if current == before:
        return f"Nothing was changed: the database is still {where}."
    return f"That revision was undone, those before it were not: the database is {where}."


def _first_line(problem: Exception) -> str:
    original = getattr(problem, "orig", None) or problem
    text = (str(original).strip().splitlines() or [type(original).__name__])[0].rpartition(">: ")[2]
    return text if text.endswith((".", "!", "?")) else f"{text}."
