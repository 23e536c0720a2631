"""A call in a revision that can be edited, and what is written around it."""

import ast
from dataclasses import dataclass

from oppman.database.autogenerate.tidy import WIDTH
from oppman.database.lint.calls import Batch, Call
from oppman.database.lint.text import STEP, indent, is_alone


@dataclass(frozen=True)
class Site:
    """A call that is a statement of its own, under nothing but branches and batches."""

    text: str
    call: Call
    node: ast.Call
    statement: ast.Expr
    batch: Batch | None

    @classmethod
    def of(cls, text: str, call: Call) -> "Site | None":
        """Where the call stands in `text`, or None where an edit would not be certain."""
        statement = call.path[-1] if call.path else None
        if not isinstance(statement, ast.Expr) or statement.value is not call.node or not is_alone(text, statement):
            return None
        if call.batch and (call.path[-2] is not call.batch.node or not is_alone(text, call.batch.node)):
            return None
        if not all(isinstance(node, (ast.If, ast.With)) for node in call.path[1:-1]):
            return None
        if not call.table or "." in call.table:  # a schema has to be named each time; that is left to the owner
            return None
        return cls(text, call, call.node, statement, call.batch)

    @property
    def outer(self) -> ast.stmt:
        """The statement, or the batch that it stands in."""
        return self.batch.node if self.batch else self.statement

    @property
    def operations(self) -> str:
        """What the file calls `alembic.op`."""
        function = self.batch.opened.func if self.batch else self.node.func
        return ast.unparse(function).rpartition(".")[0]

    @property
    def neighbours(self) -> tuple[ast.stmt | None, ast.stmt | None]:
        """The statements before and behind `outer`."""
        parent = self.call.path[-3 if self.batch else -2]
        bodies = [getattr(parent, name, []) for name in ("body", "orelse")]
        siblings = next(body for body in bodies if self.outer in body)
        place = siblings.index(self.outer)
        return siblings[place - 1] if place else None, siblings[place + 1] if place + 1 < len(siblings) else None

    def on_postgres(self, *parts: str, autocommit: bool = False) -> list[str]:
        """Rows beside `outer` that run a statement on PostgreSQL alone, perhaps when what stands before was committed.

        Where `parts` are too long for one row, each has a row of its own.
        """
        rows, spaces = [], indent(self.outer)
        if self.call.only is None:
            rows.append(f'{spaces}if {self.operations}.get_context().dialect.name == "postgresql":')
            spaces += STEP
        if autocommit:
            rows.append(f"{spaces}with {self.operations}.get_context().autocommit_block():")
            spaces += STEP
        row = f"{spaces}{self.operations}.execute({quoted(''.join(parts))})"
        if len(row) <= WIDTH:
            return [*rows, row]
        inner = [f"{spaces}{STEP}{quoted(part)}" for part in parts]
        return [*rows, f"{spaces}{self.operations}.execute(", *inner, f"{spaces})"]


def identifier(name: str) -> str:
    """A name in SQL, in quotes where it needs them."""
    from sqlalchemy.dialects import postgresql

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(dialect.identifier_preparer.quote(name))


def quoted(text: str) -> str:
    """A string of Python, in double quotes unless it holds some."""
    return repr(text) if '"' in text or "\\" in text else f'"{text}"'
