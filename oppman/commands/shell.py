"""`oppman shell`."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def shell(
    code: Annotated[
        str | None, typer.Option("--command", "-c", metavar="CODE", help="Run this code instead of asking for input.")
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Roll back at the end whatever the session did.")] = False,
) -> None:
    """Open a Python prompt with a session and the models.

    `session`, every model, `settings` and `services` are at hand, and `await` works. Nothing is kept before
    `await session.commit()`. Code may also come through a pipe. IPython is used if it is installed.

    \b
    Example:
      oppman shell
      oppman shell --sandbox
      oppman shell -c "print(await session.scalar(select(func.count(Product.id))))"
    """
    from oppman.project import Project
    from oppman.shell.run import shell as run

    run(Project.here(), code, sandbox=sandbox)
