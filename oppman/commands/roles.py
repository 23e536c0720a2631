"""`oppman roles`: list roles and change what they permit. Each command is one call of the project's role service."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from oppman import console
from oppman.options import Json, Yes

app = typer.Typer(add_completion=False, no_args_is_help=True, help="List and change roles and what they permit.")

T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="ROLE", help="The role's name.", show_default=False)]
Permissions = Annotated[
    list[str],
    typer.Argument(metavar="PERMISSION...", help='Such as product.change, "product.*" or "*".', show_default=False),
]


@app.command("list")
def list_roles(as_json: Json = False) -> None:
    """List the roles, what they permit and how many users hold them.

    \b
    Example:
      oppman roles list
    """

    async def work(roles: Any, session: Any) -> list[dict[str, Any]]:
        holders = await roles.count_holders(session)
        return [_record(role, holders) for role in await roles.list_roles(session)]

    found = _transact(work)
    if as_json:
        console.json(found)
    else:
        rows = [(role["name"], role["permissions"], role["holders"], role["description"]) for role in found]
        console.table(("role", "permissions", "users", "description"), rows, "No roles yet. `oppman init` makes some.")


@app.command()
def show(role: Name, as_json: Json = False) -> None:
    """Show one role.

    \b
    Example:
      oppman roles show sales
    """

    async def work(roles: Any, session: Any) -> dict[str, Any]:
        return _record(await roles.get_role(session, role), await roles.count_holders(session))

    facts = _transact(work)
    if as_json:
        console.json(facts)
    else:
        console.facts(facts.items())


@app.command()
def create(
    role: Name,
    permission: Annotated[
        list[str] | None,
        typer.Option(help='What it permits: product.change, "product.*", "*"; repeat it.', show_default=False),
    ] = None,
    description: Annotated[str, typer.Option(help="What the role is for.", show_default=False)] = "",
) -> None:
    """Create a role.

    \b
    Example:
      oppman roles create editor --permission "product.*" --permission webinar.view
    """

    async def work(roles: Any, session: Any) -> str:
        made = await roles.create_role(session, name=role, permissions=permission or (), description=description)
        return _permits(made)

    console.success(f"Created the role {role}, which permits {_transact(work)}.")


@app.command()
def grant(role: Name, permissions: Permissions) -> None:
    """Add permissions to a role.

    \b
    Example:
      oppman roles grant sales webinar.change webinar.add
    """

    async def work(roles: Any, session: Any) -> tuple[str, str]:
        found = await roles.get_role(session, role)
        before = _permits(found)
        return before, _permits(await roles.grant(session, found, permissions))

    before, after = _transact(work)
    console.success(f"The role {role} permits {after}" + (" already." if before == after else "."))


@app.command()
def revoke(role: Name, permissions: Permissions) -> None:
    """Take permissions from a role.

    \b
    Example:
      oppman roles revoke sales webinar.change
    """

    async def work(roles: Any, session: Any) -> str:
        return _permits(await roles.revoke(session, await roles.get_role(session, role), permissions))

    console.success(f"The role {role} permits {_transact(work)} now.")


@app.command()
def delete(
    role: Name,
    force: Annotated[bool, typer.Option("--force", help="Take it from the users who hold it.")] = False,
    yes: Yes = False,
) -> None:
    """Delete a role.

    \b
    Example:
      oppman roles delete editor
      oppman roles delete editor --force --yes
    """
    from oppman.errors import Refused

    async def find(roles: Any, session: Any) -> tuple[Any, str, int]:
        found = await roles.get_role(session, role)
        return found, _permits(found), (await roles.count_holders(session)).get(found.name, 0)

    found, permits, holders = _transact(find)
    if holders and not force:
        raise Refused(
            f"The role {role} is held by {_users(holders)}.",
            f"See them with `oppman users list --role {role}`; --force takes it from them.",
        )
    question = f"Delete the role {role}, which permits {permits} and is held by {_users(holders)}?"
    if not yes and not console.confirm(question):
        raise Refused(f"The role {role} was not deleted.")

    async def work(roles: Any, session: Any) -> None:
        await roles.delete_role(session, found, force=force)

    _transact(work)
    console.success(f"Deleted the role {role}.")


def _transact(work: Callable[[Any, Any], Awaitable[T]]) -> T:
    """Await `work(role service, session)` in one transaction of the project."""
    from oppman.contract import Contract
    from oppman.database.session import transact
    from oppman.people.services import Service
    from oppman.project import Project

    contract = Contract(Project.here())
    return transact(contract, lambda session: work(Service(contract, "roles"), session))


def _record(role: Any, holders: dict[str, int]) -> dict[str, Any]:
    return {
        "name": role.name,
        "description": role.description,
        "permissions": sorted(role.permissions),
        "holders": holders.get(role.name, 0),
    }


def _permits(role: Any) -> str:
    return ", ".join(sorted(role.permissions)) or "nothing"


def _users(count: int) -> str:
    return "1 user" if count == 1 else f"{count or 'no'} users"
