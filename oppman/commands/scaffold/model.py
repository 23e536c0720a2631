"""`oppman scaffold model`."""

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


def model(
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
    verify: Verify = False,
    dry_run: DryRun = False,
    force: Force = False,
    skip: Skip = False,
) -> None:
    """Add a model and its migration, and nothing else.

    What a field can be: oppman scaffold fields. The rest comes piece by piece: oppman scaffold service, route, page,
    admin, test.

    \b
    Example:
      oppman scaffold model Note title:str text:text
      oppman scaffold model Note title:str --owned --dry-run
    """
    from oppman.commands.scaffold.ready import ready_project
    from oppman.scaffold.generate import generate_resource
    from oppman.scaffold.options import options
    from oppman.scaffold.resource import Options

    said = Options(
        owned=owned, soft_delete=soft_delete, uuid=uuid, uniques=parted(unique), indexes=parted(index)
    )  # fmt: skip
    settled = answer(context, force, skip)
    project = ready_project()
    stubs = options(project)["stubs"]
    made = generate_resource(
        project, name, fields, plural=plural, about=about, options=said, stubs=stubs, only_model=True
    )  # fmt: skip
    carry_out(project, made, settled, "oppman db migrate", dry_run=dry_run, verify=verify)
