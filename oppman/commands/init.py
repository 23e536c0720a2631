"""`oppman init`."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from oppman import console
from oppman.options import Email, PasswordStdin, Yes

if TYPE_CHECKING:
    from oppman.contract import Contract
    from oppman.people.accounts import Account

app = typer.Typer(add_completion=False)


@app.command()
def init(
    email: Email = None,
    name: Annotated[str, typer.Option(help="The superuser's name, as pages show it.", show_default=False)] = "",
    password_stdin: PasswordStdin = False,
    yes: Yes = False,
) -> None:
    """Make the project in this folder ready to run.

    It writes .env with a fresh secret, starts the project's own PostgreSQL server if it has one, creates the database,
    applies the migrations, and makes the built-in roles and a first superuser: on a terminal it asks for one, elsewhere
    --email names one. Whatever is there stays as it is, so it can be run again at any time. In an empty folder it
    creates the project first.

    \b
    Example:
      oppman init
      oppman init --yes --email ada@example.com --password-stdin < secret.txt
    """
    from oppman.contract import Contract
    from oppman.people import passwords
    from oppman.people.accounts import Account
    from oppman.project import Project
    from oppman.setup import set_up

    if Project.find(Path.cwd()) is None:
        _offer_new(Path.cwd(), yes)
    contract = Contract(Project.here())
    account = Account(email, passwords.given(password_stdin), name, is_superuser=True)
    changed = set_up(contract)
    superusers, created = _first_superuser(contract, account, ask=not yes and console.interactive())
    if changed or created:
        console.success(f"{contract.project.root.name} is ready.")
    else:
        console.success("Everything was there already; nothing was changed.")
    console.next_steps(
        *([] if superusers else ["oppman createsuperuser"]),
        *(["oppman demo load"] if changed and find_spec(contract.target("demo")) else []),
        "oppman runserver",
    )


def _offer_new(folder: Path, yes: bool) -> None:
    """Create a project in `folder` if it is empty and its owner agrees. Raises NoProject for a folder with content."""
    from oppman.errors import NoProject, Refused
    from oppman.scaffold.names import check_project_name
    from oppman.scaffold.starter import Plan, create_project, is_empty

    if not is_empty(folder):
        raise NoProject(
            f"There is no project in {folder} or above it, and the folder is not empty.",
            "Go into the project's folder, or create a project with `oppman new NAME`.",
        )
    check_project_name(folder.name)
    if not yes and not console.confirm(f"{folder} is empty. Create the project {folder.name} in it?", default=True):
        raise Refused("Nothing was created.")
    files = create_project(Plan(folder, folder.name))
    console.step("create", f"{folder.name}: {len(files)} files")


def _first_superuser(contract: "Contract", account: "Account", ask: bool) -> tuple[bool, bool]:
    """See to it that there is a superuser, if one is named or can be asked for: (there is one, it was created)."""
    from dataclasses import replace

    from oppman.database.session import transact
    from oppman.people import accounts
    from oppman.people.services import Service

    users = Service(contract, "users")

    async def look(session: Any) -> tuple[int, Any]:
        return await users.count_superusers(session), account.email and await users.find_user(session, account.email)

    count, named = transact(contract, look)
    if count:
        if account.email and not (named and named.is_superuser):
            console.step(
                "skip", f"superuser {account.email}: there is one already; `oppman createsuperuser` adds others"
            )
        else:
            console.step("identical", "superuser")
        return True, False
    if account.email is None and ask:
        question = "Email of the first superuser (leave empty to skip):"
        account = replace(account, email=accounts.ask_email(contract, question, optional=True) or None)
    if account.email is None:
        console.step("skip", "superuser: none yet")
        return False, False
    user = accounts.create(contract, account, ask)
    console.step("create", f"superuser {user['email']}")
    return True, True
