"""The calls of Alembic's operations in a revision, in the order in which `upgrade()` makes them.

The file is read as a syntax tree and never run. Followed are: helper functions of the file with what they are given,
loops over literals, names that hold a constant, and branches that ask for the dialect.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from oppman.database.lint.change import Database

_POSITIONAL: dict[str, tuple[str, ...]] = {
    "add_column": ("table", "column"),
    "alter_column": ("table", "column"),
    "create_check_constraint": ("name", "table", "condition"),
    "create_exclude_constraint": ("name", "table"),
    "create_foreign_key": ("name", "table", "referent_table", "local_cols", "remote_cols"),
    "create_index": ("name", "table", "columns"),
    "create_primary_key": ("name", "table", "columns"),
    "create_table": ("table",),
    "create_unique_constraint": ("name", "table", "columns"),
    "drop_column": ("table", "column"),
    "drop_constraint": ("name", "table", "type_"),
    "drop_index": ("name", "table"),
    "drop_table": ("table",),
    "execute": ("sql",),
    "rename_table": ("table", "new_table_name"),
}
"""The first parameters of each operation that is looked at; those of a batch lack the table."""

_KEYWORDS = {
    "table_name": "table", "source_table": "table", "old_table_name": "table", "column_name": "column",
    "constraint_name": "name", "index_name": "name", "sqltext": "sql",
}  # fmt: skip
_RAW = {"execute", "exec_driver_sql"}
_DIALECTS: dict[object, Database] = {"postgresql": "postgres", "sqlite": "sqlite"}


@dataclass(frozen=True)
class Scope:
    """What the names at some place stand for, as far as they hold one expression."""

    names: Mapping[str, ast.expr] = field(default_factory=dict)

    def resolve(self, node: ast.expr) -> ast.expr:
        """What `node` stands for: itself, unless it is such a name."""
        for _ in range(5):
            if not isinstance(node, ast.Name) or node.id not in self.names:
                break
            node = self.names[node.id]
        return node

    def text(self, node: ast.expr | None, depth: int = 0) -> str | None:
        """The string that `node` makes, through `op.f()`, `sa.text()` and names; None if it is not a known one."""
        if node is None or depth > 20:  # `name = name + "_old"` would go on for ever
            return None
        node = self.resolve(node)
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return _joined([self.text(_inner(value), depth + 1) for value in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self.text(node.left, depth + 1), self.text(node.right, depth + 1)])
        if isinstance(node, ast.Call) and node.args and called(node) in {"f", "text", "conv", "DDL", "dedent"}:
            return self.text(node.args[0], depth + 1)
        return None


@dataclass(frozen=True)
class Batch:
    """A `with op.batch_alter_table(...)`."""

    table: str
    node: ast.With
    opened: ast.Call
    recreates: bool
    names_constraints: bool


@dataclass(frozen=True)
class Call:
    """One call of an operation, with its arguments by name, and where it stands."""

    operation: str
    node: ast.Call
    arguments: Mapping[str, ast.expr]
    rest: tuple[ast.expr, ...]
    """The columns and constraints of a new table."""
    scope: Scope
    batch: Batch | None
    autocommit: bool
    only: Database | None
    """The dialect for which it runs, if a branch asked."""
    path: tuple[ast.stmt, ...]
    """The statements around it, the outermost first; empty where it is not written in `upgrade()` itself."""

    def text(self, name: str) -> str:
        """An argument that is a string; empty if there is none, or if it cannot be read."""
        return self.scope.text(self.arguments.get(name)) or ""

    def constant(self, name: str) -> object:
        """An argument that is a constant; None otherwise."""
        value = self.scope.resolve(self.arguments[name]) if name in self.arguments else None
        return value.value if isinstance(value, ast.Constant) else None

    @property
    def table(self) -> str:
        """The table, with its schema if that is given."""
        name = self.batch.table if self.batch else self.text("table")
        schema = self.text("schema") or self.text("source_schema")
        return f"{schema}.{name}" if schema and name else name


def calls(tree: ast.Module, function: str = "upgrade") -> Iterator[Call]:
    """The operations that `function` of the revision calls."""
    walk = _Walk(tree)
    if function in walk.functions:
        start = walk.functions[function]
        yield from walk.body(start.body, _State(Scope(walk.constants)), (start,))


def called(node: ast.Call) -> str:
    """The last part of the name that is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def keywords(node: ast.Call) -> dict[str, ast.expr]:
    """The arguments that are given by name."""
    return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}


@dataclass(frozen=True)
class _State:
    scope: Scope
    batches: Mapping[str, Batch] = field(default_factory=dict)
    autocommit: bool = False
    only: Database | None = None
    direct: bool = True
    depth: int = 0


class _Walk:
    """The walk through one file."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.constants = {name: value for node in tree.body for name, value in _assigned(node)}
        self.operations = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "alembic"
            for alias in node.names
            if alias.name == "op"
        }

    def body(self, statements: Sequence[ast.stmt], state: _State, path: tuple[ast.stmt, ...]) -> Iterator[Call]:
        for statement in statements:
            yield from self._statement(statement, state, (*path, statement))
            if names := dict(_assigned(statement)):
                state = replace(state, scope=Scope({**state.scope.names, **names}))
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return):
                asked = _other(_dialect(statement.test, state.scope))
                state = replace(state, only=state.only or asked)

    def _statement(self, node: ast.stmt, state: _State, path: tuple[ast.stmt, ...]) -> Iterator[Call]:
        if isinstance(node, ast.If):
            asked = _dialect(node.test, state.scope)
            yield from self._expressions(node.test, state, path)
            yield from self.body(node.body, replace(state, only=state.only or asked), path)
            yield from self.body(node.orelse, replace(state, only=state.only or _other(asked)), path)
        elif isinstance(node, ast.With):
            yield from self._with(node, state, path)
        elif isinstance(node, ast.For):
            yield from self._expressions(node.iter, state, path)
            for names in _items(node, state.scope):
                scope = Scope({**state.scope.names, **names})
                yield from self.body(node.body, replace(state, scope=scope, direct=False), path)
        elif isinstance(node, (ast.Try, ast.While)):
            inner = replace(state, direct=False)
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.stmt):
                    yield from self._statement(part, inner, (*path, part))
        elif not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from self._expressions(node, state, path)

    def _with(self, node: ast.With, state: _State, path: tuple[ast.stmt, ...]) -> Iterator[Call]:
        batches, autocommit = dict(state.batches), state.autocommit
        for item in node.items:
            inside = [part for part in ast.walk(item.context_expr) if isinstance(part, ast.Call)]
            autocommit = autocommit or any(called(part) == "autocommit_block" for part in inside)
            opened = item.context_expr
            if isinstance(opened, ast.Call) and called(opened) == "batch_alter_table":
                if isinstance(item.optional_vars, ast.Name):
                    batches[item.optional_vars.id] = _batch(node, opened, state.scope)
            else:
                yield from self._expressions(opened, state, path)
        yield from self.body(node.body, replace(state, batches=batches, autocommit=autocommit), path)

    def _expressions(self, node: ast.AST, state: _State, path: tuple[ast.stmt, ...]) -> Iterator[Call]:
        found = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        for part in sorted(found, key=lambda part: (part.end_lineno or 0, part.end_col_offset or 0)):
            function = part.func
            if isinstance(function, ast.Name) and function.id in self.functions:
                yield from self._helper(self.functions[function.id], part, state)
            elif isinstance(function, ast.Attribute):
                owner = state.scope.resolve(function.value)
                batch = state.batches.get(owner.id) if isinstance(owner, ast.Name) else None
                if batch or self._is_operations(owner) or function.attr in _RAW:
                    yield from _call(part, function.attr, state, batch, path)

    def _helper(self, function: ast.FunctionDef, call: ast.Call, state: _State) -> Iterator[Call]:
        if state.depth > 5:
            return
        parameters = [argument.arg for argument in function.args.posonlyargs + function.args.args]
        given = dict(zip(parameters, call.args, strict=False))
        given |= keywords(call)
        names = {name: state.scope.resolve(value) for name, value in given.items()}
        batches = {
            name: state.batches[value.id]
            for name, value in names.items()
            if isinstance(value, ast.Name) and value.id in state.batches
        }
        hidden = {name: value for name, value in names.items() if name not in batches}
        inner = replace(
            state, scope=Scope({**self.constants, **hidden}), batches=batches, direct=False, depth=state.depth + 1
        )
        yield from self.body(function.body, inner, ())

    def _is_operations(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.operations
        return ast.unparse(node) == "alembic.op"


def _call(
    node: ast.Call, operation: str, state: _State, batch: Batch | None, path: tuple[ast.stmt, ...]
) -> Iterator[Call]:
    operation = "execute" if operation in _RAW else operation
    if operation not in _POSITIONAL:
        return
    parameters = [name for name in _POSITIONAL[operation] if not (batch and name == "table")]
    arguments = dict(zip(parameters, node.args, strict=False))
    arguments |= {_KEYWORDS.get(name, name): value for name, value in keywords(node).items()}
    rest = tuple(node.args[len(parameters) :])
    kept = path if state.direct else ()
    yield Call(operation, node, arguments, rest, state.scope, batch, state.autocommit, state.only, kept)


def _batch(node: ast.With, call: ast.Call, scope: Scope) -> Batch:
    given = keywords(call)
    table = scope.text(call.args[0] if call.args else given.get("table_name")) or ""
    schema = scope.text(given.get("schema"))
    recreate = scope.text(given.get("recreate"))
    return Batch(
        f"{schema}.{table}" if schema else table, node, call, recreate == "always", "naming_convention" in given
    )


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        yield node.targets[0].id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def _items(node: ast.For, scope: Scope) -> Iterator[dict[str, ast.expr]]:
    """What the names of a loop hold in each round; one round without them where the values are not written out."""
    values = scope.resolve(node.iter)
    if not isinstance(values, (ast.Tuple, ast.List)):
        yield {}
        return
    for value in values.elts:
        if isinstance(node.target, ast.Name):
            yield {node.target.id: value}
        elif isinstance(node.target, ast.Tuple) and isinstance(value, (ast.Tuple, ast.List)):
            pairs = zip(node.target.elts, value.elts, strict=False)
            yield {name.id: inner for name, inner in pairs if isinstance(name, ast.Name)}


def _dialect(test: ast.expr, scope: Scope) -> Database | None:
    """The dialect for which a test is true, if that is what it asks."""
    test = scope.resolve(test)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _other(_dialect(test.operand, scope))
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    left, right = scope.resolve(test.left), scope.resolve(test.comparators[0])
    if not ast.unparse(left).endswith(("dialect.name", "engine.name")) or not isinstance(right, ast.Constant):
        return None
    named = _DIALECTS.get(right.value)
    return named if isinstance(test.ops[0], ast.Eq) else _other(named) if isinstance(test.ops[0], ast.NotEq) else None


def _other(database: Database | None) -> Database | None:
    return None if database is None else "sqlite" if database == "postgres" else "postgres"


def _inner(value: ast.expr) -> ast.expr:
    return value.value if isinstance(value, ast.FormattedValue) else value


def _joined(parts: list[str | None]) -> str | None:
    return None if None in parts else "".join(part or "" for part in parts)
