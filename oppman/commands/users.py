"""`oppman users`: list, inspect and change users. Each command is one call of the project's user service."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from oppman import console
from oppman.options import Json, PasswordStdin, Yes

if TYPE_CHECKING:
    from oppman.contract import Contract

app = typer.Typer(add_completion=False, no_args_is_help=True, help="List, inspect and change users.")

T = TypeVar("T")
Who = Annotated[str, typer.Argument(metavar="USER", help="The user's email address or id.", show_default=False)]
COLUMNS = ("email", "name", "roles", "superuser", "active", "last login")


@app.command("list")
def list_users(
    q: Annotated[str | None, typer.Option("--q", help="Only those whose address or name contains this.")] = None,
    role: Annotated[str | None, typer.Option(help="Only those who hold this role.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Only those who may log in, or not.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    after: Annotated[str | None, typer.Option(help="Continue after this address.")] = None,
    as_json: Json = False,
) -> None:
    """List users by address, a page at a time.

    \b
    Example:
      oppman users list --role sales
      oppman users list --q example.com --inactive --json
    """
    from oppman.people.accounts import record

    async def work(users: Any, session: Any) -> list[dict[str, Any]]:
        found = await users.list_users(session, q=q, role=role, active=active, limit=limit + 1, after=after)
        return [record(user) for user in found]

    found = _transact(work)
    page, following = found[:limit], found[limit - 1]["email"] if len(found) > limit else None
    if as_json:
        console.json({"items": page, "next": following})
        return
    rows = [
        (
            *(user[key] for key in ("email", "name", "roles", "is_superuser", "is_active")),
            _minute(user["last_login_at"]),
        )
        for user in page
    ]
    console.table(COLUMNS, rows, empty="No user fits." if q or role or after or active is not None else "No users yet.")
    if following:
        console.note(f"There are more: add --after {following}")


@app.command()
def show(user: Who, as_json: Json = False) -> None:
    """Show one user with roles and permissions.

    \b
    Example:
      oppman users show ada@example.com
    """
    from oppman.people.accounts import record

    async def work(users: Any, session: Any) -> dict[str, Any]:
        found = await users.get_user(session, user)
        permissions = {permission for role in found.roles for permission in role.permissions}
        return record(found) | {"permissions": ["*"] if found.is_superuser else sorted(permissions)}

    facts = _transact(work)
    if as_json:
        console.json(facts)
    else:
        facts |= {name: _minute(facts[name]) for name in ("created_at", "last_login_at")}
        console.facts((name.removeprefix("is_").replace("_", " "), value) for name, value in facts.items())


@app.command("set-password")
def set_password(user: Who, password_stdin: PasswordStdin = False) -> None:
    """Set a user's password and end their sessions.

    \b
    Example:
      oppman users set-password ada@example.com
      oppman users set-password ada@example.com --password-stdin < secret.txt
    """
    from oppman.people import passwords
    from oppman.people.accounts import check_password

    async def find(users: Any, session: Any) -> Any:
        return await users.get_user(session, user)

    given = passwords.given(password_stdin)
    found = _transact(find)
    password = given or passwords.ask(found.email, lambda word: check_password(_contract(), word, found.email))

    async def work(users: Any, session: Any) -> None:
        await users.set_password(session, found, password)

    _transact(work)
    console.success(f"{found.email} has a new password; every session and token from before has ended.")


@app.command("set-roles")
def set_roles(
    user: Who,
    roles: Annotated[list[str] | None, typer.Argument(metavar="[ROLE]...", help="The roles to hold.")] = None,
    none: Annotated[bool, typer.Option("--none", help="Take every role away.")] = False,
) -> None:
    """Let a user hold exactly these roles.

    \b
    Example:
      oppman users set-roles grace@example.com sales support
      oppman users set-roles grace@example.com --none
    """
    from oppman.errors import UsageError

    if bool(roles) == none:
        raise UsageError("Name the roles that the user shall hold, or give --none.", "`oppman roles list` shows them.")

    async def work(users: Any, session: Any) -> tuple[str, set[str], set[str]]:
        found = await users.get_user(session, user)
        before = {role.name for role in found.roles}
        found = await users.set_roles(session, found, roles or ())
        return found.email, before, {role.name for role in found.roles}

    email, before, after = _transact(work)
    console.success(f"{email} holds {_names(after)} ({'as' if before == after else _names(before)} before).")


@app.command()
def activate(user: Who) -> None:
    """Let a user log in again.

    \b
    Example:
      oppman users activate grace@example.com
    """

    async def work(users: Any, session: Any) -> tuple[str, bool]:
        found = await users.get_user(session, user)
        before = found.is_active
        return (await users.activate(session, found)).email, before

    email, before = _transact(work)
    console.success(f"{email} is active already." if before else f"{email} may log in again.")


@app.command()
def deactivate(user: Who) -> None:
    """Keep a user from logging in and end their sessions.

    \b
    Example:
      oppman users deactivate grace@example.com
    """

    async def work(users: Any, session: Any) -> tuple[str, bool]:
        found = await users.get_user(session, user)
        before = found.is_active
        return (await users.deactivate(session, found)).email, before

    email, before = _transact(work)
    console.success(f"{email} may no longer log in." if before else f"{email} is inactive already.")


@app.command()
def delete(user: Who, yes: Yes = False) -> None:
    """Delete a user; what they did stays in the audit log.

    \b
    Example:
      oppman users delete grace@example.com
      oppman users delete grace@example.com --yes
    """
    from oppman.errors import Refused
    from oppman.people.accounts import record

    async def find(users: Any, session: Any) -> tuple[Any, dict[str, Any]]:
        found = await users.get_user(session, user)
        return found, record(found)

    found, facts = _transact(find)
    what = "a superuser" if facts["is_superuser"] else f"holds {_names(facts['roles'])}"
    if not yes and not console.confirm(f"Delete {facts['email']} (id {facts['id']}, {what})? This cannot be undone."):
        raise Refused(f"{facts['email']} was not deleted.")

    async def work(users: Any, session: Any) -> None:
        await users.delete_user(session, found)

    _transact(work)
    console.success(f"Deleted {facts['email']}.")


@app.command()
def ensure(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The address of the user.", show_default=False)],
    name: Annotated[str, typer.Option(help="The person's name.", show_default=False)] = "",
    superuser: Annotated[
        bool | None, typer.Option("--superuser/--no-superuser", help="Whether the user may do everything.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="A role to hold; repeat it. The user then holds exactly these.")
    ] = None,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """See to it that a user is there and like this; the second time changes nothing.

    What is not given stays as it is. A password is needed only for a user who is not there yet; one that is given
    replaces another.

    \b
    Example:
      OPPMAN_PASSWORD=... oppman users ensure ada@example.com --superuser
      oppman users ensure grace@example.com --role sales --role support
    """
    from oppman.people import passwords
    from oppman.people.accounts import check_password, refuse_unknown_roles

    async def exists(users: Any, session: Any) -> bool:
        return await users.find_user(session, users.normalise_email(email)) is not None

    password = passwords.given(password_stdin)
    if password is None and not _transact(exists):
        refuse_unknown_roles(_contract(), role or ())
        password = passwords.ask(email, lambda word: check_password(_contract(), word, email))

    async def work(users: Any, session: Any) -> tuple[str, bool, list[str]]:
        user, changes = await users.ensure_user(
            session, email=email, password=password, name=name, is_superuser=superuser, roles=role
        )
        return user.email, user.is_active, changes

    address, is_active, changes = _transact(work)
    if as_json:
        console.json({"email": address, "changes": changes})
    else:
        console.success(f"{address}: {', '.join(changes) or 'nothing to change'}.")
    if not is_active:
        console.warn(f"{address} is inactive and cannot log in: `oppman users activate {address}`.")


def _transact(work: Callable[[Any, Any], Awaitable[T]]) -> T:
    """Await `work(user service, session)` in one transaction of the project."""
    from oppman.database.session import transact
    from oppman.people.services import Service

    contract = _contract()
    return transact(contract, lambda session: work(Service(contract, "users"), session))


def _contract() -> "Contract":
    from oppman.contract import Contract
    from oppman.project import Project

    return Contract(Project.here())


def _names(roles: Any) -> str:
    return ", ".join(sorted(roles)) or "no role"


def _minute(moment: Any) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "never"
