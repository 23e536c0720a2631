"""`oppman serve`."""

from typing import Annotated

import typer

from oppman.options import Host, Port

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[
        int,
        typer.Option("--workers", "-w", min=1, envvar="WEB_CONCURRENCY", help="Processes that serve (one on Windows)."),
    ] = 1,
    shutdown_timeout: Annotated[
        int, typer.Option(min=0, help="Seconds that requests in flight get when the server is stopped.")
    ] = 20,
    proxy_headers: Annotated[
        bool,
        typer.Option(help="Believe X-Forwarded-For and X-Forwarded-Proto of a proxy that is allowed to send them."),
    ] = True,
    forwarded_allow_ips: Annotated[
        str,
        typer.Option(
            envvar="FORWARDED_ALLOW_IPS", help="Proxies whose headers are believed: addresses, networks or *."
        ),
    ] = "127.0.0.1",
    access_log: Annotated[bool, typer.Option(help="Log each request to stdout.")] = False,
    allow_pending: Annotated[
        bool, typer.Option("--allow-pending", help="Serve without asking whether migrations are pending.")
    ] = False,
) -> None:
    """Serve the app in production.

    It runs with ENVIRONMENT=production and refuses to start with a default or missing secret, with debugging, or with
    migrations pending. A worker that dies is replaced. SIGTERM and Ctrl-C let requests in flight finish; a second
    signal does not wait for them.

    \b
    Example:
      oppman serve --workers 4
      oppman serve --host 0.0.0.0 --port 8080 --forwarded-allow-ips 10.0.0.0/8
    """
    from oppman.project import Project
    from oppman.server.plan import Plan
    from oppman.server.production import serve as serve_production

    project = Project.here()
    options = {"proxy_headers": proxy_headers, "forwarded_allow_ips": forwarded_allow_ips, "server_header": False}
    plan = Plan(project.root, shutdown_timeout, production=True, access_log=access_log, options=options)
    serve_production(project, host, port, plan, workers=workers, allow_pending=allow_pending)
