"""Make a project ready to run. Each step looks first and changes only what is missing, so it can be run at any time."""

import os
from typing import Any

from oppman import console
from oppman.contract import Contract
from oppman.database import address
from oppman.database.create import create_if_missing
from oppman.database.faults import masked
from oppman.database.migrations import upgrade
from oppman.database.revisions import History
from oppman.database.server import control, place
from oppman.database.session import transact
from oppman.dotenv import fresh_secrets, write_missing
from oppman.people.services import Service
from oppman.project import Project


def set_up(contract: Contract) -> bool:
    """The `.env`, the database, its migrations and the built-in roles; says whether anything had to be made.

    Each step is reported once it is done. Raises what its step raises; the steps before it stay done, and the next
    run goes on from there. Must not be called from a running event loop.
    """
    project = contract.project
    steps = (
        _secrets(project), _address(project), _server(project), _database(project), _migrations(contract),
        _roles(contract),
    )  # fmt: skip
    return any(steps)


def _secrets(project: Project) -> bool:
    path = project.root / ".env"
    existed = path.exists()
    added = write_missing(path, {name: new for name, new in fresh_secrets().items() if not os.environ.get(name)})
    if added:
        console.step("insert" if existed else "create", f".env with a fresh {', '.join(added)}")
    else:
        console.step("identical", ".env" if existed else ".env (the environment has every secret)")
    return bool(added)


def _address(project: Project) -> bool:
    """A project that begins on a server of its own has to be told where that is on this machine."""
    if project.config.get("database") != "embedded" or not place.SUPPORTED or os.environ.get(address.VARIABLE):
        return False
    added = write_missing(project.root / ".env", {address.VARIABLE: place.address_for(project.root)})
    if added:
        console.step("insert", f".env with the {address.VARIABLE} of the project's own PostgreSQL server")
    return bool(added)


def _server(project: Project) -> bool:
    url = address.written_url(project)
    if place.embedded(project, url) is None:
        return False
    server = control.start(project, url)
    if server.started:
        console.step("start", f"PostgreSQL {server.version}, which keeps running: `oppman db stop` stops it")
    else:
        console.step("identical", f"PostgreSQL {server.version}, running")
    return server.started


def _database(project: Project) -> bool:
    created = create_if_missing(project)
    console.step("create" if created else "identical", f"database {masked(address.database_url(project))}")
    return created


def _migrations(contract: Contract) -> bool:
    applied = upgrade(contract, tell=console.note)
    history = History.read(contract.project)
    for revision in applied:
        console.step("apply", str(history.revisions[revision]))
    if not applied:
        console.step("identical", f"migrations, at {history.head()}")
    return bool(applied)


def _roles(contract: Contract) -> bool:
    async def work(session: Any) -> list[str]:
        created: list[str] = await Service(contract, "roles").ensure_builtin_roles(session)
        return created

    created = transact(contract, work)
    console.step("create" if created else "identical", f"roles {', '.join(created)}" if created else "roles")
    return bool(created)
