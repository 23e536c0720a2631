"""`oppman scaffold service, route, page, admin, test`: a piece of a resource by itself."""

from typing import Annotated

import typer

from oppman import console
from oppman.commands.scaffold.carry_out import DryRun, carry_out
from oppman.commands.scaffold.completion import models
from oppman.commands.scaffold.said import Plural, Verify

Of = Annotated[
    str,
    typer.Argument(
        help="The model that it is for: Note or note.",
        show_default=False,
        metavar="NAME",
        autocompletion=lambda incomplete: [name for name in models() if name.startswith(incomplete)],
    ),
]
Overwrite = Annotated[bool, typer.Option("--force", help="Overwrite the files of the piece that have other content.")]


def service(
    name: Of, plural: Plural = None, verify: Verify = False, dry_run: DryRun = False, force: Overwrite = False
) -> None:
    """Add the service of a model, with schemas and tests.

    What is there stays. Without a model of that name it is a skeleton to fill in.

    \b
    Example:
      oppman scaffold service note
      oppman scaffold service note --verify
    """
    _write("service", name, plural, verify=verify, dry_run=dry_run, force=force)


def route(
    name: Of, plural: Plural = None, verify: Verify = False, dry_run: DryRun = False, force: Overwrite = False
) -> None:
    """Add the JSON API of a model, with what it stands on.

    What is there stays. Without a model of that name it is a skeleton to fill in.

    \b
    Example:
      oppman scaffold route note
      oppman scaffold route note --dry-run
    """
    _write("route", name, plural, verify=verify, dry_run=dry_run, force=force)


def page(
    name: Of, plural: Plural = None, verify: Verify = False, dry_run: DryRun = False, force: Overwrite = False
) -> None:
    """Add the pages of a model, with what they stand on.

    What is there stays. Without a model of that name it is one page to fill in.

    \b
    Example:
      oppman scaffold page note
      oppman scaffold page report --plural reports
    """
    _write("page", name, plural, verify=verify, dry_run=dry_run, force=force)


def admin(name: Of, verify: Verify = False, dry_run: DryRun = False, force: Overwrite = False) -> None:
    """Show a model in the admin, with what that stands on.

    What is there stays.

    \b
    Example:
      oppman scaffold admin note
      oppman scaffold admin note --verify
    """
    _write("admin", name, None, verify=verify, dry_run=dry_run, force=force)


def add_tests(
    name: Of, plural: Plural = None, verify: Verify = False, dry_run: DryRun = False, force: Overwrite = False
) -> None:
    """Add the tests of what there is of a model.

    What is there stays. Without a model of that name it is a test to fill in.

    \b
    Example:
      oppman scaffold test note
      oppman scaffold test note --verify
    """
    _write("test", name, plural, verify=verify, dry_run=dry_run, force=force)


def _write(piece: str, name: str, plural: str | None, *, verify: bool, dry_run: bool, force: bool) -> None:
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.options import options
    from oppman.scaffold.pieces import Piece, generate_piece

    project = ready_project()
    stubs = options(project)["stubs"]
    made = generate_piece(project, Piece(piece), name, plural=plural, force=force, stubs=stubs)
    if not made.has_model:
        console.warn(f"The project has no model {made.notes['class']}: this is a skeleton, which says what to fill in.")
    carry_out(project, made, "", f"oppman test {made.tests}".rstrip(), dry_run=dry_run, verify=verify)
    for warning in made.warnings:
        console.warn(warning)
