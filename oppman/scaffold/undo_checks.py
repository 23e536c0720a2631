"""What keeps a run from being undone or redone: an applied migration, or other code that stands on what it made."""

from oppman.database.address import database_url
from oppman.database.revisions import History, Revision
from oppman.database.status import current_revisions
from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold import journal
from oppman.scaffold.model_home import MODULE, home_of
from oppman.scaffold.plan import Outcome, read
from oppman.scaffold.record import Run, State
from oppman.scaffold.taken import models_of


def migration_of(project: Project, run: Run) -> Revision | None:
    """The revision that the run wrote, if its file is still there."""
    if "migration" not in run.notes:
        return None
    revisions = History.read(project).revisions.values()
    return next(
        (one for one in revisions if one.path.relative_to(project.root).as_posix() == run.notes["migration"]), None
    )


def refuse_needed(project: Project, run: Run) -> None:
    """Raise Refused if redoing the run removes a revision that the database has by now, or that another one follows."""
    going = {entry.path for entry in run.entries if entry.outcome is Outcome.REMOVE}
    history = History.read(project)
    removed = [one for one in history.revisions.values() if one.path.relative_to(project.root).as_posix() in going]
    if not removed:
        return
    ids = {one.id for one in removed}
    followed = any(set(one.parents) & ids for one in history.revisions.values() if one.id not in ids)
    if followed or ids & history.applied(current_revisions(project, database_url(project))):
        raise Refused(
            f"Run {run.number} removes {removed[0].path.name}, which "
            f"{'another migration follows' if followed else 'is applied to the database'} by now.",
            f"`oppman scaffold destroy {run.notes.get('class', 'NAME')}` writes a migration that drops the tables.",
        )


def refuse_referred(project: Project, run: Run) -> None:
    """Raise Refused if a model of another run, or of the owner, has a foreign key to a table of this run."""
    tables = set(run.notes.get("tables", ()))
    for model in models_of(project).values() if tables else ():
        if model.table not in tables and (found := {attribute.refers_to for attribute in model.attributes} & tables):
            raise Refused(
                f"{model.name} refers to the table {found.pop()!r}, which run {run.number} made.",
                f"Take {model.name} back first: `oppman scaffold history` lists the runs. Nothing was changed.",
            )


def refuse_built_upon(project: Project, run: Run) -> None:
    """Raise Refused if a later run added fields to the model that this one made or added fields to."""
    if run.notes.get("kind") not in {"resource", "field"}:
        return
    for one in journal.history(project.root, run.notes["class"]):
        is_later = one.number > run.number and one.state is State.DONE
        if is_later and one.notes.get("kind") == "field" and one.notes["class"] == run.notes["class"]:
            raise Refused(
                f"Run {one.number} has added fields to {run.notes['class']} since: {' '.join(one.notes['said'])}.",
                f"Take it back first: `oppman scaffold undo {one.number}`. Nothing was changed.",
            )


def refuse_without_model(project: Project, run: Run) -> None:
    """Raise Refused for a run that added fields to a model which is not there any more."""
    if run.notes.get("kind") == "field" and run.notes["class"] not in models_of(project):
        raise Refused(
            f"Run {run.number} added fields to {run.notes['class']}, which is not there any more.",
            "Bring the model back first: `oppman scaffold history` lists the runs. Nothing was changed.",
        )


def refuse_moved(project: Project, run: Run) -> None:
    """Raise Refused if the run changed the file of the models, and that has become a package since."""
    if read(project.root, MODULE) is not None or all(entry.path != MODULE for entry in run.entries):
        return
    name = run.notes.get("class", "NAME")
    model = models_of(project).get(name)
    where = f", and {name} is in {model.path.relative_to(project.root).as_posix()} now" if model else ""
    raise Refused(
        f"Run {run.number} changed {MODULE}, which is not there any more{where}.",
        f"`oppman scaffold destroy {name}` takes it out wherever it is. Nothing was changed."
        if model
        else f"Bring {MODULE} back from git for that. Nothing was changed.",
    )


def refuse_imported(project: Project, run: Run) -> None:
    """Raise Refused if a module of the models that undoing the run removes has what other models import."""
    home = home_of(project.root)
    for entry in run.entries:
        created = entry.before is None and entry.after is not None
        if created and (names := home.needed_elsewhere(entry.path, besides=entry.path)):
            raise Refused(
                f"Other models import {', '.join(sorted(names))} from {entry.path}, which run {run.number} made.",
                "Take their runs back first, or move that into a module of its own. Nothing was changed.",
            )
