"""Indexes in the comparison of models and migrations, by what the database says of them.

Alembic compares columns, expressions on PostgreSQL, and whether they are unique. Conditions (`postgresql_where`),
methods (`hnsw`), operator classes and, on SQLite, expressions are left to this.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from oppman.database.autogenerate.postgres_history import PostgresHistory
from oppman.database.autogenerate.wording import Key, index_wording, on_columns

if TYPE_CHECKING:
    from sqlalchemy import Index, Table


def index_comparator(history: Callable[[], PostgresHistory]) -> Callable[..., None]:
    """What adds to a table's operations what Alembic did not see, and takes out what the database says is the same.

    What an index is on PostgreSQL alone, SQLite knows nothing of. `history` is asked for it, on SQLite.
    """

    def compare_indexes(
        context: Any, operations: Any, schema: str | None, name: str, made: "Table | None", wanted: "Table | None"
    ) -> None:
        if wanted is not None and made is None:
            _complete(operations, wanted)
        elif wanted is not None and made is not None:
            _compare(context, operations, index_wording(context).of_table(schema, name), made, history)

    return compare_indexes


def _complete(operations: Any, wanted: "Table") -> None:
    """Add the indexes of a new table that Alembic leaves out."""
    from alembic.operations.ops import CreateIndexOp

    seen = {_index_name(item) for item in operations.ops}
    new = [index for index in wanted.indexes if str(index.name) not in seen]
    operations.ops += map(CreateIndexOp.from_index, sorted(new, key=lambda index: str(index.name)))


def _compare(
    context: Any,
    operations: Any,
    keys: tuple[set[Key], set[Key]],
    made: "Table",
    history: Callable[[], PostgresHistory],
) -> None:
    from alembic.operations.ops import CreateIndexOp, DropIndexOp

    wording, sqlite = index_wording(context), context.dialect.name == "sqlite"
    there, model = keys
    options = history().index_options if sqlite and there else {}
    same = {
        key[2]
        for key in there & model
        if not wording.differs(key)
        and (key[2] not in options or _settings(options[key[2]]) == _settings(wording.models[key].kwargs))
    }
    operations.ops[:] = [item for item in operations.ops if _index_name(item) not in same]
    dropped = {_index_name(item) for item in operations.ops if isinstance(item, DropIndexOp)}
    created = {_index_name(item) for item in operations.ops if isinstance(item, CreateIndexOp)}
    if sqlite:  # what Alembic read there is too little to make it again
        operations.ops[:] = [item for item in operations.ops if not isinstance(item, DropIndexOp)]
        dropped = set()
    places = [place for place, item in enumerate(operations.ops) if isinstance(item, CreateIndexOp)]
    place = min(places, default=len(operations.ops))
    for key in sorted(there):
        if key[2] not in dropped | same and (key in model or sqlite):
            old = _made_index(wording.made[key], key[2], made, options.get(key[2], {}), sqlite=sqlite)
            if context.run_object_filters(old, key[2], "index", True, wording.models.get(key)):
                operations.ops.insert(place, DropIndexOp.from_index(old))
                place += 1
    for key in sorted(model):
        new = key[2] not in created | same
        if new and context.run_object_filters(wording.models[key], key[2], "index", False, None):
            operations.ops.append(CreateIndexOp.from_index(wording.models[key]))


def _settings(options: Mapping[str, Any]) -> dict[str, str]:
    """What an index is on PostgreSQL alone, to be compared."""
    from sqlalchemy.dialects import postgresql

    compiler: Any = postgresql.dialect().ddl_compiler(postgresql.dialect(), None)  # type: ignore[no-untyped-call, arg-type]
    found = {}
    for name, value in options.items():
        if not name.startswith("postgresql_") or name == "postgresql_concurrently":
            continue
        if hasattr(value, "compile"):
            found[name] = repr(compiler.sql_compiler.process(value, include_table=False, literal_binds=True))
        elif value:
            found[name] = repr(sorted(value.items()) if isinstance(value, dict) else value)
    return found


def _index_name(operation: Any) -> str:
    return str(getattr(operation, "index_name", None) or "")


def _made_index(statement: str, name: str, made: "Table", options: Mapping[str, Any], *, sqlite: bool) -> "Index":
    """The index that is there, as an object that can be made again. SQLAlchemy reads too little of it from SQLite."""
    from sqlalchemy import Index, literal_column, text
    from sqlalchemy.schema import conv

    if not sqlite:
        return next(index for index in made.indexes if index.name == name)
    listed, condition = on_columns(statement)
    names = [column.strip().strip('"') for column in listed.split(",")]
    columns: list[Any] = [made.c[column] for column in names] if set(names) <= set(made.c.keys()) else []
    given: dict[str, Any] = {key: text(value) if key == "postgresql_where" else value for key, value in options.items()}
    if condition:
        given["sqlite_where"] = text(condition)
    unique = " UNIQUE " in statement[:30].upper()
    index = Index(conv(name), *(columns or [literal_column(listed)]), unique=unique, **given)
    if index.table is None:
        index._set_parent(made)
    return index
