"""Options that several commands share, declared once."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer every question with its default; never ask.")]
Email = Annotated[
    str | None, typer.Option("--email", help="The address that the user logs in with.", show_default=False)
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="The port to listen on; 0 picks a free one.")]
Backfill = Annotated[
    list[str] | None,
    typer.Option("--backfill", help="What existing rows get in a new column: TABLE.COLUMN=VALUE.", metavar="VALUE"),
]
