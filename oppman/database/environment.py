"""The project's own `migrations/env.py`, run by Alembic for what we want of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from oppman.database.revisions import migrations_folder
from oppman.project import Project

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection


def config(project: Project) -> "Config":
    """Alembic's configuration of the project, quiet."""
    from alembic.config import Config

    migrations_folder(project)
    ini = project.root / "alembic.ini"
    made = Config(ini if ini.is_file() else None, toml_file=project.root / "pyproject.toml")
    made.attributes["quiet"] = True
    return made


def run_environment(made: "Config", steps: "Callable[[ScriptDirectory, Any], Any]", **options: Any) -> None:
    """Run `env.py`, which calls `steps(script directory, current revisions)` for what it should carry out."""
    run_in_context(made, lambda script, current, _context: steps(script, current), **options)


def run_in_context(
    made: "Config", steps: "Callable[[ScriptDirectory, Any, MigrationContext], Any]", **options: Any
) -> None:
    """The same for `steps` that work on the connection of Alembic's context by themselves."""
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(made)
    with EnvironmentContext(made, script, fn=lambda current, context: steps(script, current, context), **options):
        script.run_env()


def bring(
    made: "Config", connection: "Connection", target: Any, begin: Callable[[str], None], *, undo: bool = False
) -> None:
    """Carry out the migrations up to `target`, or down to it, on a connection of ours, and commit them.

    `begin` is called with each revision before it runs, so that one that raises is known.
    """

    def steps(script: Any, current: Any) -> Any:
        # Alembic has no public name for these lists; its own commands and the ones built on it call the same.
        for step in (script._downgrade_revs if undo else script._upgrade_revs)(target, current):
            begin(step.revision.revision)
            yield step

    made.attributes["connection"] = connection
    run_environment(made, steps)
    connection.commit()
