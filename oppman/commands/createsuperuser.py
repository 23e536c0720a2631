"""`oppman createsuperuser`."""

from typing import Annotated

import typer

from oppman import console
from oppman.options import Email, PasswordStdin

app = typer.Typer(add_completion=False)


@app.command()
def createsuperuser(
    email: Email = None,
    name: Annotated[str, typer.Option(help="The person's name, as pages show it.", show_default=False)] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Create a user who may do everything.

    What is not given is asked for. Without a terminal, give --email and the password on standard input or in the
    variable OPPMAN_PASSWORD. To see to it that a user is there, again and again, use `oppman users ensure`.

    \b
    Example:
      oppman createsuperuser
      oppman createsuperuser --email ada@example.com --password-stdin < secret.txt
    """
    from oppman.contract import Contract
    from oppman.people import accounts, passwords
    from oppman.project import Project

    contract = Contract(Project.here())
    password = passwords.given(password_stdin)
    user = accounts.create(contract, accounts.Account(email, password, name, is_superuser=True))
    console.success(f"Created the superuser {user['email']}.")
