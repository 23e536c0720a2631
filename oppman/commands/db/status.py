"""`oppman db status` and `oppman db check`: what is pending, and what no migration makes."""

from oppman import console
from oppman.contract import Contract
from oppman.options import Json
from oppman.project import Project


def status(as_json: Json = False) -> None:
    """Show the revision and what is pending.

    \b
    Example:
      oppman db status
      oppman db status --json
    """
    from oppman.database import address
    from oppman.database.faults import masked
    from oppman.database.revisions import History
    from oppman.database.server.place import OWN_SERVER, looks_embedded
    from oppman.database.status import migration_status

    project = Project.here()
    url = address.database_url(project)
    history = History.read(project)
    found = migration_status(project, url, history)
    if as_json:
        pending = [
            {"revision": item.id, "message": item.message, "file": item.path.relative_to(project.root).as_posix()}
            for item in found.pending
        ]
        facts = {"database": masked(url), "current": list(found.current), "heads": list(found.heads)}
        console.json(facts | {"pending": pending, "unknown": list(found.unknown), "up_to_date": found.up_to_date})
    else:
        known = history.revisions
        console.facts(
            [
                ("database", masked(url)),
                *([("server", OWN_SERVER)] if looks_embedded(url) else []),
                ("current", [known.get(name, name) for name in found.current] or "before the first migration"),
                ("head", [known[name] for name in found.heads] or "there are no migrations"),
                ("pending", len(found.pending) or "none"),
            ]
        )
        if found.pending:
            console.out()
            console.table(["revision", "message", "file"], [(i.id, i.message, i.path.name) for i in found.pending])
            if len(found.heads) == 1:
                console.next_steps("oppman db migrate")
    if len(found.heads) > 1:
        console.warn(
            f"The migrations have {len(found.heads)} heads, and `oppman db migrate` refuses until there is one: "
            "`oppman db merge` joins them, `oppman db rebase` puts one behind the other."
        )
    found.refuse_unknown()


def check(as_json: Json = False) -> None:
    """Check the models against the migrations.

    Exits with 1 if a model has a change that no migration makes. Needs no database of yours: the migrations are applied
    to an empty one that is thrown away.

    \b
    Example:
      oppman db check
      oppman db check --json
    """
    from oppman.database.autogenerate.drift import compare
    from oppman.errors import SchemaDrift

    differences = compare(Contract(Project.here())).differences
    if as_json:
        console.json({"clean": not differences, "differences": [vars(difference) for difference in differences]})
    elif differences:
        console.out("\n".join(difference.text for difference in differences))
    if differences:
        changes = "a change" if len(differences) == 1 else f"{len(differences)} changes"
        raise SchemaDrift(f"The models have {changes} that no migration makes.", "Write one: oppman db makemigrations")
    if not as_json:
        console.success("The models and the migrations agree.")
