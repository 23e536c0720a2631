"""`oppman db lint`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from oppman import console
from oppman.options import Json, Yes
from oppman.project import Project

if TYPE_CHECKING:
    from oppman.database.lint.choice import Choice
    from oppman.database.lint.report import Finding
    from oppman.database.lint.rules import Rule

Revisions = Annotated[
    list[str] | None,
    typer.Argument(metavar="REVISION", help="The start of a revision, or all.", show_default="those not applied yet"),
]
ForDatabase = Annotated[
    Literal["sqlite", "postgres"] | None,
    typer.Option("--database", help="The database to judge for.", show_default="that of DATABASE_URL"),
]


def lint(
    revisions: Revisions = None,
    database: ForDatabase = None,
    fix: Annotated[bool, typer.Option("--fix", help="Rewrite what can be, in migrations not applied.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and exit.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Find what would hurt a running application in the migrations.

    Long locks, columns that the old code still reads, rows that get lost: each finding says why, and what to write
    instead. The files are read and never run. Without REVISION those are looked at that the database has not applied
    yet, in one go; revisions that are named, and `all`, one by one. Exits with 1 if there are findings.

    What has to stay gets a comment with a reason, on its line or above it, such as
    `# lint: ignore[column-dropped]: no code reads it since release 42`.

    \b
    Example:
      oppman db lint
      oppman db lint all --database postgres
      oppman db lint --fix
    """
    from oppman.database.lint.choice import choose

    if rules:
        _list_rules(as_json)
        return
    project = Project.here()
    choice = choose(project, revisions or [], database, to_write=fix)
    if choice.remark:
        console.note(choice.remark)
    if fix and choice.linter.chosen:
        _fix(project, choice, yes, as_json)
    _report(project, choice, fix, as_json)


def _report(project: Project, choice: "Choice", fix: bool, as_json: bool) -> None:
    from oppman.errors import UnsafeMigrations

    linter = choice.linter
    findings = linter.findings()
    if as_json:
        console.json([_facts(project, finding) for finding in findings])
    else:
        for finding in findings:
            _show(project, finding)
    looked_at = console.counted(len(linter.chosen), "migration")
    if findings:
        hurt = len({finding.revision.id for finding in findings})
        raise UnsafeMigrations(
            f"{console.counted(len(findings), 'finding')} in {hurt} of {looked_at}, for {linter.database}.",
            _way_out(choice, findings, fix),
        )
    if linter.chosen and not as_json:
        console.success(f"No findings in {looked_at}, for {linter.database}.")


def _way_out(choice: "Choice", findings: list["Finding"], fix: bool) -> str:
    written = [item for item in findings if item.rule.fixable] if choice.linter.database == "postgres" else []
    fixable = [item for item in written if item.revision.id not in choice.applied]
    keep = "what has to stay gets a comment: # lint: ignore[ID]: reason"
    if fix or not fixable:
        return f"Rewrite them as shown; {keep}."
    return f"`oppman db lint --fix` rewrites up to {len(fixable)} of them; {keep}."


def _fix(project: Project, choice: "Choice", yes: bool, as_json: bool) -> None:
    """Show what `--fix` would write, and write it after a question."""
    from oppman.database.autogenerate.drift import write
    from oppman.database.lint.fix import fixes, second_step
    from oppman.diff import unified
    from oppman.errors import Refused

    if left := choice.applied & set(choice.linter.chosen):
        applied = console.counted(len(left), "migration")
        console.note(f"The database has {applied} of these; --fix leaves what is applied alone.")
    found = fixes(choice.linter, choice.applied)
    if not found:
        console.note("There is nothing that --fix can rewrite.")
        return
    seconds = [(item, second) for item in found if (second := second_step(project, item))]
    for item in found:
        console.diff(item.diff(_name(project, item.revision.path)), commentary=as_json)
    for _, (path, text) in seconds:
        console.diff(unified("", text, "/dev/null", f"b/{_name(project, path)}"), commentary=as_json)
    if not yes and not console.confirm(f"Write this to {console.counted(len(found) + len(seconds), 'migration')}?"):
        raise Refused("That was not confirmed. Nothing was changed.")
    for item in found:
        item.write()
        console.step("update", _name(project, item.revision.path))
    for item, (path, text) in seconds:
        write(path, text)
        console.step("create", _name(project, path))
        console.warn(
            f"Two deploys: `oppman db migrate --to {item.revision.id}` with the code that uses the new names, and "
            "`oppman db migrate` when no code uses the old ones. Until then a new column has no index of its own."
        )
    if any(item.commits_early for item in found):
        console.warn(
            "A block that commits keeps what stands before it, also when the migration fails later. Move the steps "
            "before it to a migration of their own, so that this one can be run again."
        )


def _show(project: Project, finding: "Finding") -> None:
    place = f"{_name(project, finding.revision.path)}:{finding.line}"
    console.out(f"{place}: {finding.rule.id} {finding.message}", "bold")
    console.out(_explained(finding.rule))
    console.out()


def _explained(rule: "Rule") -> str:
    instead = rule.instead.replace("\n", "\n        ")
    return f"    Why: {rule.reason}\n    Instead:\n        {instead}"


def _list_rules(as_json: bool) -> None:
    from oppman.database.lint.rules import RULES

    if as_json:
        console.json([vars(rule) for rule in RULES.values()])
        return
    for rule in RULES.values():
        written = "; --fix writes it for postgres" if rule.fixable and len(rule.databases) > 1 else ""
        written = written or ("; --fix writes it" if rule.fixable else "")
        console.out(f"{rule.id}: {rule.finds} ({', '.join(rule.databases)}{written})", "bold")
        console.out(_explained(rule))
        console.out()


def _facts(project: Project, finding: "Finding") -> dict[str, Any]:
    return {
        "id": finding.rule.id,
        "path": _name(project, finding.revision.path),
        "line": finding.line,
        "revision": finding.revision.id,
        "message": finding.message,
        "reason": finding.rule.reason,
        "instead": finding.rule.instead,
        "fixable": finding.rule.fixable,
    }


def _name(project: Project, path: Any) -> str:
    return str(path.relative_to(project.root).as_posix())
