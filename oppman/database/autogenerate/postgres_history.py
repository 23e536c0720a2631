"""What the migrations make on PostgreSQL that SQLite has nothing of, read from their files.

SQLite keeps an enum as text and a vector as bytes. What their types are on PostgreSQL stands in the revisions, as SQL
and as types of columns, and is read there without running them. What a revision computes is not seen.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppman.database.revisions import Revision
from oppman.files import content

_SIGNS = (  # without one of them a file says nothing
    b"TYPE", b"Enum", b"ENUM", b"Vector", b"VECTOR", b"postgresql_", b"RENAME", b"rename_table", b"new_column_name",
)  # fmt: skip
_NAME = r'(?:"[^"]+"|[\w.]+)'
_STRING = re.compile(r"'((?:[^']|'')*)'")
_TEXT = re.compile(r"('(?:[^']|'')*')")
_CREATE = re.compile(rf"\s*CREATE\s+TYPE\s+({_NAME})\s+AS\s+ENUM\s*\((.*)\)\s*;?\s*$", re.I | re.S)
_ADD = re.compile(
    rf"\s*ALTER\s+TYPE\s+({_NAME})\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?'((?:[^']|'')*)'"
    r"(?:\s+(BEFORE|AFTER)\s+'((?:[^']|'')*)')?",
    re.I,
)
_RENAME_MEMBER = re.compile(rf"\s*ALTER\s+TYPE\s+({_NAME})\s+RENAME\s+VALUE\s+'(.*)'\s+TO\s+'(.*)'", re.I)
_RENAME = re.compile(rf"\s*ALTER\s+TYPE\s+({_NAME})\s+RENAME\s+TO\s+({_NAME})", re.I)
_MOVE = re.compile(
    rf"\s*ALTER\s+TABLE\s+({_NAME})\s+RENAME\s+(?!CONSTRAINT\b)(?:(?:COLUMN\s+)?({_NAME})\s+)?TO\s+({_NAME})", re.I
)
_RENAME_INDEX = re.compile(rf"\s*ALTER\s+INDEX\s+(?:IF\s+EXISTS\s+)?({_NAME})\s+RENAME\s+TO\s+({_NAME})", re.I)
_DROP = re.compile(rf"\s*DROP\s+TYPE\s+(?:IF\s+EXISTS\s+)?({_NAME})", re.I)
_RETYPE = re.compile(
    rf"\s*ALTER\s+TABLE\s+({_NAME})\s+ALTER\s+(?:COLUMN\s+)?({_NAME})\s+(?:SET\s+DATA\s+)?TYPE\s+({_NAME})(?:\((\d+)\))?",
    re.I,
)


@dataclass
class PostgresHistory:
    """The outcome of all revisions on PostgreSQL, as far as it is written there in so many words."""

    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The members of each enum type; none if a revision computes them."""
    column_enums: dict[tuple[str, str], str] = field(default_factory=dict)
    """The enum type of a column, by table and column."""
    dimensions: dict[tuple[str, str], int] = field(default_factory=dict)
    """Those of a column of vectors, by table and column."""
    index_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The `postgresql_...` arguments of an index, by its name."""
    index_tables: dict[str, str] = field(default_factory=dict)
    """The table of such an index, by its name."""

    @classmethod
    def read(cls, revisions: Iterable[Revision]) -> "PostgresHistory":
        """Read revisions, parents first."""
        found = cls()
        for revision in revisions:
            text = content(revision.path)
            if any(sign in text for sign in _SIGNS):
                found._read(revision.path, text)
        return found

    def rename(self, table: str, old: str, new: str) -> None:
        """Follow the rename of a column of `table`, or with `table` empty of a table."""
        known: Any
        for known in (self.column_enums, self.dimensions):
            for key in list(known):
                if key == (table, old) or (not table and key[0] == old):
                    known[(table, new) if table else (new, key[1])] = known.pop(key)
        for name, home in self.index_tables.items():
            if home == table:
                self.index_options[name] = _with_renamed(self.index_options[name], old, new)
            elif home == old and not table:
                self.index_tables[name] = new

    def _read(self, path: Path, text: bytes) -> None:
        for node in ast.parse(text, str(path)).body:
            if isinstance(node, ast.FunctionDef) and node.name == "upgrade":
                for call, table in _calls(node.body, ""):
                    self._take(call, table)

    def _take(self, call: ast.Call, table: str) -> None:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        strings = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if name == "execute" and strings:
            self._execute(str(strings[0]).replace("\\:", ":"))
        elif name in {"create_table", "add_column", "alter_column"}:
            own = str(strings[0]) if name == "create_table" or not table else table
            for column, kind in _typed(call, name, strings):
                self._column(own, column, kind)
            for new in [_value(keyword.value) for keyword in call.keywords if keyword.arg == "new_column_name"]:
                self.rename(own, str(strings[-1]), str(new))
        elif name == "rename_table" and len(strings) > 1:
            self.rename("", str(strings[0]), str(strings[1]))
        elif name == "create_index" and call.args:
            index = str(_value(call.args[0]))
            self.index_tables[index] = table or str(_value(call.args[1]) if len(call.args) > 1 else "")
            self.index_options[index] = {
                name: value
                for name, value in ((keyword.arg or "", _value(keyword.value)) for keyword in call.keywords)
                if name.startswith("postgresql_") and value is not None
            }
        elif name == "drop_table" and strings:
            for known in (self.column_enums, self.dimensions):
                for key in [key for key in known if key[0] == strings[0]]:
                    del known[key]
        elif name == "drop_column" and strings:
            key = (table or str(strings[0]), str(strings[-1]))
            self.column_enums.pop(key, None)
            self.dimensions.pop(key, None)

    def _column(self, table: str, column: str, kind: ast.expr) -> None:
        key = (table, column)
        self.column_enums.pop(key, None)
        self.dimensions.pop(key, None)
        for call in [node for node in ast.walk(kind) if isinstance(node, ast.Call)]:
            named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            options = {keyword.arg: _value(keyword.value) for keyword in call.keywords}
            values = [_value(argument) for argument in call.args]
            if named.lower() == "enum" and options.get("name") and options.get("native_enum") is not False:
                self.column_enums[key] = str(options["name"])
                known = all(isinstance(value, str) for value in values)
                self.enums.setdefault(str(options["name"]), tuple(values) if known else ())
            elif named.lower() == "vector" and len(values) == 1 and isinstance(values[0], int):
                self.dimensions[key] = values[0]

    def _execute(self, statement: str) -> None:
        if match := _MOVE.match(statement):
            self.rename(_bare(match[1]) if match[2] else "", _bare(match[2] or match[1]), _bare(match[3]))
        elif match := _RENAME_INDEX.match(statement):
            old, new = _bare(match[1]), _bare(match[2])
            if old in self.index_options:
                self.index_options[new] = self.index_options.pop(old)
                self.index_tables[new] = self.index_tables.pop(old)
        else:
            self._execute_on_types(statement)

    def _execute_on_types(self, statement: str) -> None:
        if match := _CREATE.match(statement):
            self.enums[_bare(match[1])] = tuple(_unescaped(member) for member in _STRING.findall(match[2]))
        elif match := _ADD.match(statement):
            self._add(_bare(match[1]), _unescaped(match[2]), (match[3] or "").upper(), _unescaped(match[4] or ""))
        elif match := _RENAME_MEMBER.match(statement):
            old, new = _unescaped(match[2]), _unescaped(match[3])
            members = self.enums.get(_bare(match[1]), ())
            self.enums[_bare(match[1])] = tuple(new if member == old else member for member in members)
        elif match := _RENAME.match(statement):
            old, new = _bare(match[1]), _bare(match[2])
            if old in self.enums:
                self.enums[new] = self.enums.pop(old)
                for key in [key for key, enum in self.column_enums.items() if enum == old]:
                    self.column_enums[key] = new
        elif match := _DROP.match(statement):
            self.enums.pop(_bare(match[1]), None)
        elif match := _RETYPE.match(statement):
            key, kind = (_bare(match[1]), _bare(match[2])), _bare(match[3])
            self.column_enums.pop(key, None)
            if kind in self.enums:
                self.column_enums[key] = kind
            if kind.lower() == "vector" and match[4]:
                self.dimensions[key] = int(match[4])

    def _add(self, name: str, member: str, where: str, neighbour: str) -> None:
        members = list(self.enums.get(name, ()))
        if member not in members:
            place = members.index(neighbour) + (where == "AFTER") if neighbour in members else len(members)
            members.insert(place, member)
        self.enums[name] = tuple(members)


def _calls(body: Iterable[ast.stmt], table: str) -> Iterator[tuple[ast.Call, str]]:
    """The operations in their order, each with the table of the batch that it stands in."""
    for statement in body:
        if isinstance(statement, ast.With):
            opened = statement.items[0].context_expr
            inner = table
            if isinstance(opened, ast.Call) and getattr(opened.func, "attr", "") == "batch_alter_table":
                inner = str(_value(opened.args[0]))
            yield from _calls(statement.body, inner)
        elif isinstance(statement, ast.If | ast.For):
            if not _is_for_sqlite(statement):
                yield from _calls(statement.body, table)
            yield from _calls(statement.orelse, table)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield statement.value, table


def _is_for_sqlite(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("dialect.name == 'sqlite'")


def _typed(call: ast.Call, name: str, strings: list[Any]) -> Iterator[tuple[str, ast.expr]]:
    """The columns that an operation gives a type."""
    if name == "alter_column":
        for keyword in call.keywords:
            if keyword.arg == "type_":
                yield str(strings[-1]), keyword.value
        return
    for column in call.args:
        if isinstance(column, ast.Call) and getattr(column.func, "attr", "") == "Column" and len(column.args) > 1:
            yield str(_value(column.args[0])), column.args[1]


def _value(node: ast.expr) -> Any:
    """What a literal says, or the text in `op.f("...")` and `sa.text("...")`; None for anything else."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"f", "text"} and node.args:
        return _value(node.args[0])
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _with_renamed(options: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The arguments of an index of which a column is called `new` now: its condition and operator classes."""
    found = dict(options)
    if isinstance(where := found.get("postgresql_where"), str):
        parts = _TEXT.split(where)
        parts[::2] = [re.sub(rf"\b{re.escape(old)}\b", lambda _: new, part) for part in parts[::2]]
        found["postgresql_where"] = "".join(parts)
    if isinstance(operators := found.get("postgresql_ops"), dict):
        found["postgresql_ops"] = {new if column == old else column: name for column, name in operators.items()}
    return found


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip('"')


def _unescaped(member: str) -> str:
    return member.replace("''", "'")
