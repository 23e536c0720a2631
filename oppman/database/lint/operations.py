"""What a call of an Alembic operation changes."""

import ast
from collections.abc import Iterator

from oppman.database.lint import sql
from oppman.database.lint.calls import Call, Scope, called, keywords
from oppman.database.lint.change import Change, Column, Default
from oppman.database.lint.column_types import from_alchemy

_CONSTRAINTS = {
    "create_foreign_key": "add_foreign_key",
    "create_check_constraint": "add_check",
    "create_unique_constraint": "add_unique",
    "create_primary_key": "add_unique",
    "create_exclude_constraint": "add_exclude",
    "drop_constraint": "drop_constraint",
}
_WRITES = {"update", "delete"}


def changes(call: Call) -> Iterator[Change]:
    """The changes that the call makes, in order; none for a call that does nothing that is looked at."""
    table = call.table
    if call.operation == "execute":
        yield from _executed(call)
    elif call.operation == "create_table":
        yield _new_table(call)
    elif call.operation == "drop_table":
        yield Change("drop_table", table)
    elif call.operation == "rename_table":
        yield Change("rename_table", table, new_name=call.text("new_table_name"))
    elif call.operation == "drop_column":
        yield Change("drop_column", table, call.text("column"))
    elif call.operation == "add_column":
        yield from _new_column(call)
    elif call.operation == "alter_column":
        yield from _altered(call)
    elif call.operation in {"create_index", "drop_index"}:
        concurrently = call.constant("postgresql_concurrently") is True
        kind = "create_index" if call.operation == "create_index" else "drop_index"
        yield Change(kind, table, call.text("name"), concurrently=concurrently)  # type: ignore[arg-type]
    elif call.operation in _CONSTRAINTS:
        yield _constraint(call)


def _constraint(call: Call) -> Change:
    name = call.arguments.get("name")
    return Change(
        _CONSTRAINTS[call.operation],  # type: ignore[arg-type]
        call.table,
        call.text("name"),
        refers_to=call.text("referent_table"),
        cascade=call.text("ondelete").upper() == "CASCADE",
        not_valid=call.constant("postgresql_not_valid") is True,
        condition=call.text("condition"),
        unnamed=name is None or (isinstance(name, ast.Constant) and name.value is None),
    )


def _altered(call: Call) -> Iterator[Change]:
    table, column = call.table, call.text("column")
    if "type_" in call.arguments:
        new, old = (from_alchemy(call.arguments.get(name), call.scope.resolve) for name in ("type_", "existing_type"))
        yield Change("change_type", table, column, type=new, old_type=old)
    if call.constant("nullable") is False:
        yield Change("set_not_null", table, column)
    if "new_column_name" in call.arguments:
        yield Change("rename_column", table, column, new_name=call.text("new_column_name"))
    if call.constant("nullable") is True or {"server_default", "comment"} & set(call.arguments):
        yield Change("alter_column", table, column)


def _new_column(call: Call) -> Iterator[Change]:
    node = call.scope.resolve(call.arguments["column"]) if "column" in call.arguments else None
    if not isinstance(node, ast.Call):
        return
    column = _column(node, call.scope)
    yield Change("add_column", call.table, column.name, columns=(column,), type=column.type)
    given = keywords(node)
    if isinstance(unique := given.get("unique"), ast.Constant) and unique.value is True:
        yield Change("add_unique", call.table, column.name, unnamed=True)
    elif isinstance(index := given.get("index"), ast.Constant) and index.value is True:
        yield Change("create_index", call.table)
    for part in node.args:
        if isinstance(part, ast.Call) and called(part) == "ForeignKey":
            yield _foreign_key(call.table, part, call.scope)


def _new_table(call: Call) -> Change:
    """A new table, with the tables to which its keys with CASCADE refer."""
    parts = [part for part in map(call.scope.resolve, call.rest) if isinstance(part, ast.Call)]
    columns = tuple(_column(part, call.scope) for part in parts if called(part) == "Column")
    keys = [
        _foreign_key(call.table, part, call.scope)
        for top in parts
        for part in ast.walk(top)
        if isinstance(part, ast.Call) and called(part) in {"ForeignKey", "ForeignKeyConstraint"}
    ]
    owners = sorted({key.refers_to for key in keys if key.cascade and key.refers_to})
    return Change("create_table", call.table, columns=columns, refers_to=" ".join(owners), cascade=bool(owners))


def _foreign_key(table: str, node: ast.Call, scope: Scope) -> Change:
    """The key that `sa.ForeignKey("a.id")` or `sa.ForeignKeyConstraint(["a_id"], ["a.id"])` makes."""
    given = keywords(node)
    place = 0 if called(node) == "ForeignKey" else 1
    target = scope.resolve(node.args[place]) if len(node.args) > place else None
    if isinstance(target, (ast.List, ast.Tuple)):
        target = target.elts[0] if target.elts else None
    refers_to = (scope.text(target) or "").rpartition(".")[0]
    cascade = (scope.text(given.get("ondelete")) or "").upper() == "CASCADE"
    return Change(
        "add_foreign_key",
        table,
        scope.text(given.get("name")) or "",
        refers_to=refers_to,
        cascade=cascade,
        unnamed="name" not in given,
    )


def _column(node: ast.Call, scope: Scope) -> Column:
    given = keywords(node)
    parts = [*node.args, *(value for name, value in given.items() if name in {"type_", "server_default"})]
    nested = {called(part): part for part in map(scope.resolve, parts) if isinstance(part, ast.Call)}
    computed = nested.get("Computed")
    persisted = keywords(computed).get("persisted") if computed else None
    stored = computed is not None and not (isinstance(persisted, ast.Constant) and persisted.value is False)
    nullable = given.get("nullable", given.get("primary_key"))
    said = nullable.value if isinstance(nullable, ast.Constant) else None
    is_nullable = said is not False if "nullable" in given else said is not True
    default: Default = "stable" if computed else _default(given.get("server_default"), scope)
    if "Identity" in nested or "Sequence" in nested:
        default = "volatile"
    kind = given.get("type_") or (node.args[1] if len(node.args) > 1 else None)
    name = scope.text(node.args[0] if node.args else given.get("name")) or ""
    return Column(name, from_alchemy(kind, scope.resolve), is_nullable, default, stored)


def _default(node: ast.expr | None, scope: Scope) -> Default:
    node = scope.resolve(node) if node is not None else None
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ""
    if isinstance(node, ast.Constant):  # SQLAlchemy quotes a plain string
        return "stable"
    return "volatile" if sql.is_volatile(scope.text(node) or ast.unparse(node)) else "stable"


def _executed(call: Call) -> Iterator[Change]:
    """What raw SQL says, or a statement that is built by SQLAlchemy."""
    node = call.scope.resolve(call.arguments["sql"]) if "sql" in call.arguments else None
    if node is None:
        return
    if (text := call.scope.text(node)) is not None:
        yield from sql.read(text)
        return
    inside = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    names = {called(part) for part in inside}
    if names & _WRITES and "where" not in names:
        yield Change("write_rows", next(filter(None, (_written(part, call.scope) for part in inside)), ""))


def _written(node: ast.Call, scope: Scope) -> str:
    """The table of `t.update()` or `sa.update(t)`, where `t` is `sa.table("products", ...)`."""
    if called(node) not in _WRITES:
        return ""
    owner = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
    table = scope.resolve(owner) if owner is not None else None
    return (scope.text(table.args[0]) or "") if isinstance(table, ast.Call) and table.args else ""
