"""`oppman scaffold resource`."""

from typing import Annotated

import typer

from oppman.commands.scaffold.carry_out import DryRun, Force, Skip, answer, carry_out
from oppman.commands.scaffold.said import (
    About,
    Fields,
    Index,
    Name,
    Owned,
    Plural,
    SoftDelete,
    Unique,
    Uuid,
    Verify,
    parted,
)


def resource(
    context: typer.Context,
    name: Name,
    fields: Fields,
    plural: Plural = None,
    about: About = "",
    owned: Owned = False,
    soft_delete: SoftDelete = False,
    uuid: Uuid = False,
    unique: Unique = None,
    index: Index = None,
    api_only: Annotated[bool, typer.Option("--api-only", help="No pages and no place in the admin.")] = False,
    no_pages: Annotated[bool, typer.Option("--no-pages", help="No pages.")] = False,
    no_admin: Annotated[bool, typer.Option("--no-admin", help="No place in the admin.")] = False,
    verify: Verify = False,
    dry_run: DryRun = False,
    force: Force = False,
    skip: Skip = False,
) -> None:
    """Add a resource: model, API, pages, admin, tests, migration.

    Its files are yours from then on. What a field can be: oppman scaffold fields.

    \b
    Example:
      oppman scaffold resource Book title:str price:decimal:min=0
      oppman scaffold resource Book title edition:int --unique title,edition --verify
      oppman scaffold resource Review text:text book:ref:Book --dry-run
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.generate import generate_resource
    from oppman.scaffold.options import options
    from oppman.scaffold.resource import Options

    said = Options(
        owned=owned, soft_delete=soft_delete, uuid=uuid, uniques=parted(unique), indexes=parted(index),
        pages=not (no_pages or api_only), admin=not (no_admin or api_only),
    )  # fmt: skip
    settled = answer(context, force, skip)
    project = ready_project()
    stubs = options(project)["stubs"]
    made = generate_resource(project, name, fields, plural=plural, about=about, options=said, stubs=stubs)
    carry_out(project, made, settled, "oppman db migrate", dry_run=dry_run, verify=verify)
