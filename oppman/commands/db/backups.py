"""`oppman db backups`: those that are there, whether they are good, and which may go."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppman import console
from oppman.commands.db.backup import size
from oppman.options import Json, Yes
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.backup.folder import Backup
    from oppman.database.backup.prune import Pruning

app = typer.Typer(add_completion=False, no_args_is_help=True, help="List, prove and prune backups.")

Folder = Annotated[Path | None, typer.Option("--folder", help="Where they are.", show_default="backups/")]


def _keep(which: str, default: int) -> Any:
    return typer.Option(f"--keep-{which}", min=0, help=f"How many {which} ones stay.", show_default=str(default))


@app.command("list")
def list_backups(folder: Folder = None, as_json: Json = False) -> None:
    """List the backups, the newest first.

    --json tells more: the revision, the form, the server, the rows of each table. Times are UTC.

    \b
    Example:
      oppman db backups list
      oppman db backups list --folder /mnt/backups --json
    """
    from oppman.database.backup.folder import FOLDER, backups

    found = backups(folder or Project.here().root / FOLDER)
    if as_json:
        console.json([_facts(item) for item in found])
        return
    console.table(
        ["name", "age", "size", "rows", "uploads", "verified", "why"],
        [_row(item) for item in found],
        whole=1,
        empty="There are no backups yet. `oppman db backup` makes one.",
    )


@app.command()
def verify(
    file: Annotated[str, typer.Argument(help="A file, a name in backups/, latest, or all.")] = "latest",
    as_json: Json = False,
) -> None:
    """Compare the checksums of a backup and restore it to a scratch database.

    Exits with 1 if one of them is not good.

    \b
    Example:
      oppman db backups verify
      oppman db backups verify all
    """
    from oppman.database.address import database_url
    from oppman.database.backup.folder import FOLDER, backups, find
    from oppman.database.backup.verify import verify_each
    from oppman.errors import DamagedBackup

    project = Project.here()
    url = database_url(project)
    paths = [item.path for item in backups(project.root / FOLDER)] if file == "all" else [find(project, file, url)]
    results = []
    for path, result in verify_each(project, url, paths):
        results.append(result)
        if not as_json:
            console.out(f"{path.name}: {result.text}", "" if result.good else "red")
    if as_json:
        console.json([vars(result) for result in results])
    if bad := sum(not result.good for result in results):
        raise DamagedBackup(
            f"{bad} of {len(results)} backups {'is' if bad == 1 else 'are'} not good.",
            "Make a new one: oppman db backup",
        )


@app.command()
def prune(
    keep_last: Annotated[int | None, _keep("last", 3)] = None,
    keep_daily: Annotated[int | None, _keep("daily", 7)] = None,
    keep_weekly: Annotated[int | None, _keep("weekly", 4)] = None,
    keep_monthly: Annotated[int | None, _keep("monthly", 12)] = None,
    folder: Folder = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete nothing.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete old backups, but for the newest of each day, week and month.

    What [tool.oppman.backup] in pyproject.toml says (`keep-daily = 7`) is taken where no option is given. The newest
    of a database always stays, the newest that is verified too, and any file that is no backup.

    \b
    Example:
      oppman db backups prune --dry-run
      oppman db backups prune --keep-daily 14 --yes
    """
    from oppman.database.backup.folder import FOLDER
    from oppman.database.backup.prune import pruning
    from oppman.database.backup.tiers import Tiers
    from oppman.errors import Refused

    project = Project.here()
    tiers = Tiers.of(project.config, last=keep_last, daily=keep_daily, weekly=keep_weekly, monthly=keep_monthly)
    wanted = pruning(folder or project.root / FOLDER, tiers)
    _show(wanted, as_json)
    if dry_run or not wanted.going:
        console.note("Nothing was deleted." if wanted.going else "Nothing is old enough to go.")
        return
    going = console.counted(len(wanted.going), "backup")
    if not yes and not console.confirm(f"Delete {going}?"):
        raise Refused("That was not confirmed. Nothing was deleted.")
    wanted.carry_out()
    console.success(f"Deleted {going}, {size(sum(item.bytes for item in wanted.going))}.")


def _show(wanted: "Pruning", as_json: bool) -> None:
    if as_json:
        kept = [{"name": item.path.name, "because": list(why)} for item, why in wanted.kept]
        console.json({"kept": kept, "going": [item.path.name for item in wanted.going]})
        return
    rows = [(item.path.stem, "stays", "; ".join(why)) for item, why in wanted.kept]
    rows += [(item.path.stem, "goes", size(item.bytes)) for item in wanted.going]
    console.table(["name", "", "because"], rows, empty="There are no backups.")


def _row(item: "Backup") -> list[object]:
    said = item.manifest
    if said is None:
        return [item.path.stem, None, size(item.bytes), None, None, False, "damaged, or no backup"]
    return [
        item.path.stem,
        _age((datetime.now(UTC) - said.made_at).total_seconds()),
        size(item.bytes),
        f"{said.total_rows:,}",
        said.uploads,
        said.verified,
        f"{said.why}: {said.note}" if said.note else said.why,
    ]


def _facts(item: "Backup") -> dict[str, Any]:
    said = item.manifest
    facts: dict[str, Any] = {"file": item.path, "bytes": item.bytes, "problem": item.problem or None}
    if said is None:
        return facts
    about = {"made_at": said.made_at, "why": said.why, "note": said.note, "verified": said.verified}
    database = {"kind": said.kind, "form": said.form, "database": said.database, "server": said.server}
    return facts | about | database | {"revision": said.revision, "rows": said.rows, "uploads": said.uploads}


def _age(seconds: float) -> str:
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'s' * (count > 1)}"
    return "now"
