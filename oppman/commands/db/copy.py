"""`oppman db copy`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppman import console
from oppman.contract import Contract
from oppman.options import Json
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.transfer.fill import Report

To = Annotated[str, typer.Option("--to", metavar="URL", help="The database to fill.", show_default=False)]
From = Annotated[
    str, typer.Option("--from", metavar="URL", help="The database to copy.", show_default="that of DATABASE_URL")
]
KEPT, KEPT_IN_JSON = 20, 10_000


def copy(
    to: To,
    source: From = "",
    check: Annotated[bool, typer.Option("--check", help="Only look for what stands against it.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin an unfinished copy anew.")] = False,
    as_json: Json = False,
) -> None:
    """Copy the database from SQLite to PostgreSQL, or the other way.

    First everything is checked that the target would refuse or change. Then the project's migrations make its schema,
    the rows are copied, and both sides are compared row by row. A copy that was interrupted goes on where it stopped.
    A target that has rows already is refused. The source is only read, as it was when the copy began: what the app
    writes meanwhile is not in the copy, so stop it before the last one.

    \b
    Example:
      oppman db copy --to postgresql://shop:secret@localhost/shop --check
      oppman db copy --to postgresql://shop:secret@localhost/shop
    """
    from oppman.database import address
    from oppman.database.transfer import copy as transfer

    contract = Contract(Project.here())
    source = source or address.database_url(contract.project)
    kept = KEPT_IN_JSON if as_json else KEPT
    if check:
        report = transfer.check(contract, source, to, kept)
    else:
        report = transfer.copy(contract, source, to, kept, restart=restart)
    if as_json:
        console.json(_facts(report, source, to))
    _tell(report, to, as_json)


def _tell(report: "Report", to: str, as_json: bool) -> None:
    from oppman.database.faults import masked
    from oppman.errors import Refused

    if report.troubles:
        if not as_json:
            _list(report)
        count = sum(trouble.count for trouble in report.troubles)
        arrive = "arrive as it is" if count == 1 else "arrive as they are"
        raise Refused(
            f"{console.counted(count, 'value')} in the source would not {arrive}. Nothing was copied.",
            "Mend them in the source, with the app, `oppman shell` or an UPDATE, and run this again.",
        )
    rows = console.counted(sum(report.checked.values()), "row")
    console.note(f"Checked {rows} in {console.counted(len(report.checked), 'table')}: nothing stands against a copy.")
    if not report.tables:
        return
    if not as_json:
        console.table(
            ("table", "rows", "checksum", "equal"),
            [(copied.table, copied.target.rows, copied.target, copied.equal) for copied in report.tables],
        )
    console.success(f"{'Finished the copy of' if report.resumed else 'Copied'} {rows} to {masked(to)}.")
    console.next_steps(f"DATABASE_URL={masked(to)}   in .env; until then the app stays where it is")


def _list(report: "Report") -> None:
    for trouble in report.troubles:
        place = ".".join(filter(None, (trouble.table, trouble.column)))
        console.out(f"{place} {trouble.reason}: {console.counted(trouble.count, 'row')}", "bold")
        for key, value in trouble.rows:
            shown = value or ("(empty)" if trouble.column else "")
            console.out(f"    {key}  {shown}".rstrip())
        if trouble.count > len(trouble.rows):
            console.out(f"    and {trouble.count - len(trouble.rows)} more")


def _facts(report: "Report", source: str, to: str) -> dict[str, Any]:
    from oppman.database.faults import masked

    return {
        "from": masked(source),
        "to": masked(to),
        "checked": report.checked,
        "troubles": [
            {
                "table": trouble.table,
                "column": trouble.column,
                "reason": trouble.reason,
                "count": trouble.count,
                "rows": [{"key": key, "value": value} for key, value in trouble.rows],
            }
            for trouble in report.troubles
        ],
        "tables": [
            {
                "table": copied.table,
                "rows": copied.target.rows,
                "source_checksum": str(copied.source),
                "target_checksum": str(copied.target),
                "equal": copied.equal,
            }
            for copied in report.tables
        ],
        "resumed": report.resumed,
        "seconds": report.seconds,
    }
