"""The options that say what a resource is, which several commands have."""

from collections.abc import Sequence
from typing import Annotated

import typer

from oppman.commands.scaffold.completion import complete_field

Name = Annotated[str, typer.Argument(help="One of them: Book, BookReview or book_review.", show_default=False)]
Fields = Annotated[
    list[str], typer.Argument(help="name:type[:modifier...]", metavar="FIELD...", autocompletion=complete_field)
]
Plural = Annotated[
    str | None, typer.Option("--plural", help="Several of them, where English is no help.", metavar="WORD")
]
About = Annotated[str, typer.Option("--about", help="What it is, in a sentence.", show_default=False)]
Owned = Annotated[bool, typer.Option("--owned", help="Each row belongs to a user, who alone sees it.")]
SoftDelete = Annotated[bool, typer.Option("--soft-delete", help="Keep deleted rows, where nothing finds them.")]
Uuid = Annotated[bool, typer.Option("--uuid", help="Keys are UUIDs (version 7) and no numbers.")]
Unique = Annotated[
    list[str] | None,
    typer.Option("--unique", help="Fields that no two rows have alike together; may be said again.", metavar="A,B"),
]
Index = Annotated[
    list[str] | None,
    typer.Option("--index", help="Fields that have an index together; may be said again.", metavar="A,B"),
]
Verify = Annotated[
    bool, typer.Option("--verify", help="Try the migration, lint and run the tests; take all back if one fails.")
]


def parted(words: Sequence[str] | None) -> tuple[tuple[str, ...], ...]:
    """The names in each of the words: title,edition."""
    return tuple(tuple(name.strip() for name in word.split(",") if name.strip()) for word in words or ())
