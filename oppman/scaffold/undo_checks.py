"""What keeps a run from being undone: its migration is applied, or another model refers to its table."""

from oppman.database.revisions import History, Revision
from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold.record import Run
from oppman.scaffold.taken import models_of


def migration_of(project: Project, run: Run) -> Revision | None:
    """The revision that the run wrote, if its file is still there."""
    if "migration" not in run.notes:
        return None
    revisions = History.read(project).revisions.values()
    return next(
        (one for one in revisions if one.path.relative_to(project.root).as_posix() == run.notes["migration"]), None
    )


def refuse_referred(project: Project, run: Run) -> None:
    """Raise Refused if a model of another run, or of the owner, has a foreign key to a table of this run."""
    tables = set(run.notes.get("tables", ()))
    for model in models_of(project).values() if tables else ():
        keys = (attribute.arguments.get("foreign_key", "").strip("'\"") for attribute in model.attributes)
        if model.table not in tables and (found := {key.partition(".")[0] for key in keys} & tables):
            raise Refused(
                f"{model.name} refers to the table {found.pop()!r}, which run {run.number} made.",
                f"Take {model.name} back first: `oppman scaffold history` lists the runs. Nothing was changed.",
            )
