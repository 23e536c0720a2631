"""`oppman createuser`."""

from typing import Annotated

import typer

from oppman import console
from oppman.options import Email, PasswordStdin

app = typer.Typer(add_completion=False)


@app.command()
def createuser(
    email: Email = None,
    name: Annotated[str, typer.Option(help="The person's name, as pages show it.", show_default=False)] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="A role that the user holds; repeat it for several.", show_default=False)
    ] = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Create a user, with roles if you like.

    What is not given is asked for. Without a terminal, give --email and the password on standard input or in the
    variable OPPMAN_PASSWORD.

    \b
    Example:
      oppman createuser --email grace@example.com --role sales --role support
    """
    from oppman.contract import Contract
    from oppman.people import accounts, passwords
    from oppman.project import Project

    contract = Contract(Project.here())
    password = passwords.given(password_stdin)
    user = accounts.create(contract, accounts.Account(email, password, name, roles=role or ()))
    held = f", who holds {', '.join(user['roles'])}" if user["roles"] else ", who holds no role yet"
    console.success(f"Created {user['email']}{held}.")
