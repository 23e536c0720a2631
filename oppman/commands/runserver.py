"""`oppman runserver`."""

from typing import Annotated

import typer

from oppman.options import Host, Port

app = typer.Typer(add_completion=False)


@app.command()
def runserver(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    reload: Annotated[
        bool, typer.Option("--reload/--no-reload", help="Start anew when a .py, .html or .env file changes.")
    ] = True,
) -> None:
    """Serve the app for development, with reload.

    Stylesheets, scripts and pictures are read from disk for each request and need no reload. An app that cannot be
    imported shows its traceback; the next edit is awaited. The project's own PostgreSQL server is started if it is not
    running, and stays.

    \b
    Example:
      oppman runserver
      oppman runserver --port 0
      oppman runserver --host 0.0.0.0 --port 8080 --no-reload
    """
    from oppman.database.server.control import wake
    from oppman.project import Project
    from oppman.server.development import serve

    project = Project.here()
    serve(project, host, port, reload=reload, prepare=lambda _url: wake(project))
