"""`oppman scaffold`: write the code of a resource into the project, and take it back."""

import gc
from pathlib import Path

import typer

from oppman.commands.scaffold.command import command
from oppman.commands.scaffold.destroy import destroy
from oppman.commands.scaffold.field import field
from oppman.commands.scaffold.fields import fields
from oppman.commands.scaffold.journal import history, redo, undo
from oppman.commands.scaffold.model import model
from oppman.commands.scaffold.pieces import add_tests, admin, page, route, service
from oppman.commands.scaffold.resource import resource
from oppman.commands.scaffold.stubs import stubs

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Write a resource's code, and take it back.")
app.command()(resource)
app.command()(field)
app.command()(model)
app.command()(service)
app.command()(route)
app.command()(page)
app.command()(admin)
app.command("test")(add_tests)
app.command()(command)
app.command()(destroy)
app.command()(fields)
app.command()(history)
app.command()(undo)
app.command()(redo)
app.command()(stubs)


@app.callback()
def scaffold(context: typer.Context) -> None:
    """Write a resource's code, and take it back."""
    gc.disable()  # the process is soon over: looking for garbage among the syntax trees takes a fifth of its time
    from oppman.project import Project
    from oppman.scaffold.options import options

    # An option that is not given takes the value that [tool.oppman.scaffold] has for it.
    if project := Project.find(Path.cwd()):
        configured = options(project)
        # A piece keeps what is there unless that is typed, whatever a resource does.
        pieces = ("service", "route", "page", "admin", "test")
        context.default_map = dict.fromkeys(("resource", "model", "command"), configured) | {
            piece: {"verify": configured["verify"]} for piece in pieces
        }
