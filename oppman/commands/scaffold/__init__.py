"""`oppman scaffold`: write the code of a resource into the project, and take it back."""

from pathlib import Path

import typer

from oppman.commands.scaffold.command import command
from oppman.commands.scaffold.field import field
from oppman.commands.scaffold.fields import fields
from oppman.commands.scaffold.journal import history, redo, undo
from oppman.commands.scaffold.resource import resource
from oppman.commands.scaffold.stubs import stubs

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Write a resource's code, and take it back.")
app.command()(resource)
app.command()(field)
app.command()(command)
app.command()(fields)
app.command()(history)
app.command()(undo)
app.command()(redo)
app.command()(stubs)


@app.callback()
def scaffold(context: typer.Context) -> None:
    """Write a resource's code, and take it back."""
    from oppman.project import Project
    from oppman.scaffold.options import options

    # An option that is not given takes the value that [tool.oppman.scaffold] has for it.
    if project := Project.find(Path.cwd()):
        context.default_map = dict.fromkeys(("resource", "command"), options(project))
