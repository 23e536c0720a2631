"""New accounts, and users as the command line shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oppman import console
from oppman.contract import Contract
from oppman.database.session import transact
from oppman.errors import Refused
from oppman.people import passwords
from oppman.people.services import Service


@dataclass(frozen=True)
class Account:
    """What is known of an account before anybody is asked. `email` and `password` are asked for if they are None."""

    email: str | None
    password: str | None = None
    name: str = ""
    is_superuser: bool = False
    roles: Sequence[str] = ()


def create(contract: Contract, account: Account, ask: bool = True) -> dict[str, Any]:
    """Create the account, ask for what is missing and return the user as `record` shows it.

    An address that is taken and a role that is unknown are told before a password is asked for. Raises Refused, and
    NotAsked where there is nobody to ask or `ask` says not to.
    """
    users = Service(contract, "users")
    refuse_unknown_roles(contract, account.roles)
    email = _checked(contract, account.email) if account.email is not None else ask_email(contract, "Email:")
    password = account.password or passwords.ask(email, lambda word: check_password(contract, word, email), ask)

    async def work(session: Any) -> dict[str, Any]:
        user = await users.create_user(
            session, email=email, password=password, name=account.name, is_superuser=account.is_superuser,
            roles=account.roles,
        )  # fmt: skip
        return record(user)

    return transact(contract, work)


def ask_email(contract: Contract, question: str, optional: bool = False) -> str:
    """Ask for the address of a new account until one can be taken; an empty answer is one if it is `optional`."""
    while True:
        answer = console.ask(question, "--email").strip()
        if not answer and optional:
            return ""
        try:
            return _checked(contract, answer)
        except Refused as problem:
            console.error(problem)


def check_password(contract: Contract, password: str, email: str) -> None:
    """Raise Refused unless the project's policy accepts the password."""
    check = Service(contract, "users").check_password

    async def work(_session: Any) -> None:
        check(password, email)

    transact(contract, work)


def refuse_unknown_roles(contract: Contract, names: Sequence[str]) -> None:
    """Raise Refused, with the nearest, for a role that is not there."""

    async def work(session: Any) -> None:
        await Service(contract, "roles").get_roles(session, names)

    if names:
        transact(contract, work)


def record(user: Any) -> dict[str, Any]:
    """A user's facts for people and programs. The password is none of them. The roles must be loaded."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "is_active": user.is_active,
        "is_superuser": user.is_superuser,
        "roles": sorted(role.name for role in user.roles),
        "created_at": user.created_at,
        "last_login_at": user.last_login_at,
    }


def _checked(contract: Contract, email: str) -> str:
    users = Service(contract, "users")

    async def work(session: Any) -> tuple[str, Any]:
        address = users.normalise_email(email)
        return address, await users.find_user(session, address)

    address, taken = transact(contract, work)
    if taken is not None:
        raise Refused(
            f"{address} has an account already.",
            f"Change it with `oppman users ensure {address}` or `oppman users set-password {address}`.",
        )
    return str(address)
