"""CHECK constraints in the comparison of models and migrations; Alembic leaves them out.

Those with a name are compared, by what they say. So are the lists of members of enums that are kept as text.
"""

from typing import TYPE_CHECKING

from oppman.database.autogenerate.wording import Wording, check_text, check_wording

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import ModifyTableOps
    from sqlalchemy import CheckConstraint, Dialect, Table


def compare_checks(
    context: "AutogenContext",
    operations: "ModifyTableOps",
    schema: str | None,
    name: str,
    made: "Table | None",
    wanted: "Table | None",
) -> None:
    """Add to `operations` what brings the named CHECK constraints of a table that is there to those of its model."""
    from alembic.operations.ops import CreateCheckConstraintOp, DropConstraintOp
    from sqlalchemy import CheckConstraint, text
    from sqlalchemy.schema import conv

    if made is None or wanted is None or context.dialect is None:
        return
    wording = check_wording(context)
    there, model = wording.of_table(schema, name)
    changed = {key for key in there & model if wording.differs(key)}
    for key in sorted(there - model | changed):
        check = CheckConstraint(text(_condition(wording, key)), name=conv(key[2]))
        made.append_constraint(check)
        operations.ops.append(DropConstraintOp.from_constraint(check))
    for key in sorted(model - there | changed):
        operations.ops.append(
            CreateCheckConstraintOp.from_constraint(plain_check(wording.models[key], context.dialect))
        )


def plain_check(check: "CheckConstraint", dialect: "Dialect") -> "CheckConstraint":
    """One that Alembic writes out: that of a type it would leave to the type."""
    from sqlalchemy import CheckConstraint, MetaData, Table, text
    from sqlalchemy.schema import conv

    if not getattr(check, "_type_bound", False):
        return check
    name = dialect.identifier_preparer.format_constraint(check)
    made = CheckConstraint(text(check_text(check, dialect)), name=conv(str(name).strip('"')))
    Table(check.table.name, MetaData(), schema=check.table.schema).append_constraint(made)
    return made


def _condition(wording: Wording, key: tuple[str, str, str]) -> str:
    """What stands between the parentheses of `CHECK (...)`."""
    return wording.made[key].partition("CHECK (")[2].removesuffix(" NOT VALID").removesuffix(")")
