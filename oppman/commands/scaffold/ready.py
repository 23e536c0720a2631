"""What every command of the group does first."""

from oppman import console
from oppman.project import Project


def ready_project() -> Project:
    """The project, after an interrupted run was brought to one of its two ends, which is told."""
    from oppman.scaffold import journal

    project = Project.here()
    if recovered := journal.recover(project.root):
        what = "completed" if recovered.completed else "rolled back"
        console.warn(f"Run {recovered.run.number} was interrupted; it has been {what}.")
        for line in recovered.lines:
            console.step(line.outcome, f"{line.path} ({line.why})")
    return project
