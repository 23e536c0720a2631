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
from oppman.database.session import transact
from oppman.dotenv import fresh_secrets, write_missing
from oppman.people.services import Service
from oppman.project import Project


def set_up(contract: Contract) -> bool:
    """The `.env`, the database, its migrations and the built-in roles; says whether anything had to be made.

    Each step is reported once it is done. Raises what its step raises; the steps before it stay done, and the next
    run goes on from there. Must not be called from a running event loop.
    """
    steps = (_secrets(contract.project), _database(contract.project), _migrations(contract), _roles(contract))
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
