"""`oppman routes`."""

from typing import Annotated

import typer

from oppman import console
from oppman.options import Json

app = typer.Typer(add_completion=False)


@app.command()
def routes(
    method: Annotated[str, typer.Option(help="Only routes that answer this method; MOUNT and WEBSOCKET count.")] = "",
    path: Annotated[str, typer.Option(help="Only paths that contain this text.")] = "",
    name: Annotated[str, typer.Option(help="Only names that contain this text.")] = "",
    permission: Annotated[
        str, typer.Option(help='Only routes that ask for this permission; wildcards like "product.*" work.')
    ] = "",
    url: Annotated[str, typer.Option(help="Only the route that answers this address, such as /products/3.")] = "",
    as_json: Json = False,
) -> None:
    """List the routes with their permissions.

    \b
    Example:
      oppman routes --path /api --method POST
      oppman routes --permission "product.*"
      oppman routes --url /products/3
    """
    from oppman.contract import Contract
    from oppman.inspect.routes import answering, select
    from oppman.inspect.routes import routes as all_routes
    from oppman.project import Project

    project = Project.here()
    application = Contract(project).app()
    found = answering(application, project.root, url, method or "GET") if url else all_routes(application, project.root)
    chosen = select(found, method="" if url else method, path=path, name=name, permission=permission)
    if as_json:
        console.json([vars(route) for route in chosen])
    else:
        console.table(
            ("method", "path", "name", "permission", "source"),
            [(" ".join(r.methods), r.path, r.name, ", ".join(r.permissions), r.source) for r in chosen],
            empty="No route fits.",
        )
