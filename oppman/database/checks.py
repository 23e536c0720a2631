"""CHECK constraints in the comparison of models and migrations; Alembic leaves them out.

They are compared by name: databases rewrite the expression, so its text says nothing. A changed rule needs a new name.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import ModifyTableOps
    from sqlalchemy import Table


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

    if made is None or wanted is None or context.inspector is None:
        return
    there = {
        found["name"]: CheckConstraint(text(found["sqltext"]), name=conv(found["name"]))
        for found in context.inspector.get_check_constraints(name, schema=schema)
        if found["name"]
    }
    model = {_full_name(check): check for check in wanted.constraints if isinstance(check, CheckConstraint)}
    for gone in there.keys() - model.keys():
        check = there[gone]
        made.append_constraint(check)
        operations.ops.append(DropConstraintOp.from_constraint(check))
    for new in model.keys() - there.keys() - {""}:
        operations.ops.append(CreateCheckConstraintOp.from_constraint(model[new]))


def _full_name(check: Any) -> str:
    """The name in the database, made by the naming convention; empty for a check of a type, or without a name."""
    from sqlalchemy.dialects import sqlite

    if getattr(check, "_type_bound", False) or check.name is None:
        return ""
    return str(sqlite.dialect().identifier_preparer.format_constraint(check) or "")
