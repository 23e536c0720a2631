"""Indexes in the comparison of models and migrations, by what the database says of them.

Alembic compares columns, expressions on PostgreSQL, and whether they are unique. Conditions (`postgresql_where`),
methods (`hnsw`), operator classes and, on SQLite, expressions are left to this.
"""

from typing import TYPE_CHECKING, Any

from oppman.database.wording import index_wording, on_columns

if TYPE_CHECKING:
    from sqlalchemy import Index, Table


def compare_indexes(
    context: Any,
    operations: Any,
    schema: str | None,
    name: str,
    made: "Table | None",
    wanted: "Table | None",
) -> None:
    """Add to `operations` what Alembic did not see, and take out what the database says is the same."""
    from alembic.operations.ops import CreateIndexOp, DropIndexOp

    if wanted is None or context.dialect is None:
        return
    if made is None:
        seen = {_index_name(item) for item in operations.ops}
        new = [index for index in wanted.indexes if str(index.name) not in seen]
        operations.ops += map(CreateIndexOp.from_index, sorted(new, key=lambda index: str(index.name)))
        return
    wording = index_wording(context)
    there, model = wording.of_table(schema, name)
    same = {key[2] for key in there & model if not wording.differs(key)}
    operations.ops[:] = [item for item in operations.ops if _index_name(item) not in same]
    dropped = {_index_name(item) for item in operations.ops if isinstance(item, DropIndexOp)}
    created = {_index_name(item) for item in operations.ops if isinstance(item, CreateIndexOp)}
    for key in sorted(there):
        unseen = key[2] not in dropped | same
        if unseen and (key in model or context.dialect.name == "sqlite"):
            old = _made_index(wording.made[key], key[2], made, context.dialect.name)
            operations.ops.append(DropIndexOp.from_index(old))
    for key in sorted(model):
        if key[2] not in created | same:
            operations.ops.append(CreateIndexOp.from_index(wording.models[key]))


def _index_name(operation: Any) -> str:
    return str(getattr(operation, "index_name", None) or "")


def _made_index(statement: str, name: str, made: "Table", dialect: str) -> "Index":
    """The index that is there, as an object that can be made again. SQLAlchemy reads too little of it from SQLite."""
    from sqlalchemy import Index, literal_column, text
    from sqlalchemy.schema import conv

    if dialect != "sqlite":
        return next(index for index in made.indexes if index.name == name)
    listed, condition = on_columns(statement)
    names = [column.strip().strip('"') for column in listed.split(",")]
    columns: list[Any] = (
        [made.c[column] for column in names] if set(names) <= set(made.c.keys()) else [literal_column(listed)]
    )
    where: dict[str, Any] = {"sqlite_where": text(condition)} if condition else {}
    index = Index(conv(name), *columns, unique=" UNIQUE INDEX " in statement[:30].upper(), **where)
    index._set_parent(made) if index.table is None else None
    return index
