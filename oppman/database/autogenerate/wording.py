"""CHECK constraints and indexes in the database's own words, so that two can be compared.

A database rewrites what it is given: PostgreSQL keeps `price >= 0` as `((price >= (0)::numeric))`. What a model says is
therefore put to PostgreSQL as well, on a temporary table like the real one, and what it makes of both is compared.
SQLite keeps the text as it came.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Table

Key = tuple[str, str, str]
"""Schema (empty for the usual one), table, and the name of the CHECK constraint or index."""

_STRING = re.compile(r"('(?:[^']|'')*')")
_ON_TABLE = re.compile(r'\sON\s+(?:"[^"]+"|[^\s("])+\s*', re.IGNORECASE)

_CHECKS = """
    SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, t.relname, c.conname,
           pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE c.contype = 'c' AND """
_INDEXES = """
    SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname END, t.relname, i.relname,
           pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid) AND """
_THERE = r"n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_REHEARSED = "n.oid = pg_my_temp_schema()"


@dataclass(frozen=True)
class Wording:
    """What the database has, `made`, what it would have of the models, `wanted`, and the models' own objects."""

    made: Mapping[Key, str]
    wanted: Mapping[Key, str]
    models: Mapping[Key, Any]

    def of_table(self, schema: str | None, table: str) -> tuple[set[Key], set[Key]]:
        """The keys of one table: those that are made, those that are wanted."""
        made, wanted = self._by_table
        return made.get((schema or "", table), set()), wanted.get((schema or "", table), set())

    @cached_property
    def _by_table(self) -> tuple[dict[tuple[str, str], set[Key]], dict[tuple[str, str], set[Key]]]:
        found: tuple[dict[tuple[str, str], set[Key]], dict[tuple[str, str], set[Key]]] = {}, {}
        for keys, tables in zip((self.made, self.wanted), found, strict=True):
            for key in keys:
                tables.setdefault(key[:2], set()).add(key)
        return found

    def differs(self, key: Key) -> bool:
        """Whether both have it and say something else."""
        return differ(self.made[key], self.wanted[key])


def check_wording(context: Any) -> Wording:
    """The named CHECK constraints of all tables, read at the first call in a few statements."""
    return _once(context, "checks", _model_checks, _add_check, _CHECKS, _sqlite_checks)


def index_wording(context: Any) -> Wording:
    """The indexes of all tables but those behind a constraint, read at the first call in a few statements."""
    return _once(context, "indexes", _model_indexes, _create_index, _INDEXES, _sqlite_indexes)


def check_text(check: Any, dialect: "Dialect") -> str:
    """What a CHECK constraint says, as the database is told it."""
    compiler: Any = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
    return str(compiler.sql_compiler.process(check.sqltext, include_table=False, literal_binds=True))


def differ(made: str, wanted: str) -> bool:
    """Whether two statements say something else of their tables."""
    return not wanted.endswith(made) and plain(made) != plain(wanted)


def plain(statement: str) -> str:
    """What a statement says of its table, without what makes no difference: spaces, quotes, outer parentheses."""
    text = _ON_TABLE.split(statement, maxsplit=1)[-1] if " INDEX " in statement else statement.partition("CHECK ")[2]
    parts = _STRING.split(text.removeprefix("USING btree ").removesuffix(" NOT VALID"))
    parts[::2] = [re.sub(r'[\s"]+', "", part).lower() for part in parts[::2]]
    found = "".join(parts)
    while found.startswith("(") and _end(found) == len(found) - 1:
        found = found[1:-1]
    return found


def on_columns(statement: str) -> tuple[str, str]:
    """What a CREATE INDEX says between its parentheses, and its condition."""
    text = _ON_TABLE.split(statement, maxsplit=1)[-1].removeprefix("USING btree ").strip()
    end = _end(text)
    return text[1:end], re.sub(r"^\s*WHERE\s+", "", text[end + 1 :], flags=re.IGNORECASE)


def _end(text: str) -> int:
    """The place of the parenthesis that closes the one at the start; -1 if there is none."""
    depth = 0
    for place, character in enumerate(_STRING.sub(lambda string: "_" * len(string[0]), text)):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place
    return -1


def _once(
    context: Any,
    kind: str,
    objects: "Callable[[Table, Dialect], Iterator[tuple[str, Any]]]",
    statement: "Callable[[Any, Dialect], str]",
    query: str,
    sqlite: Callable[[Any], Iterator[tuple[Key, str]]],
) -> Wording:
    memo = context.opts.setdefault("oppman_wording", {})
    if kind not in memo:
        connection, dialect = context.connection, context.dialect
        models = {
            (table.schema or "", table.name, name): item
            for table in context.sorted_tables
            for name, item in objects(table, dialect)
        }
        wanted = {key: statement(item, dialect) for key, item in models.items()}
        if dialect.name == "postgresql":
            made = _told(connection, query + _THERE)
            doubtful = {key: text for key, text in wanted.items() if key in made and differ(made[key], text)}
            wanted |= _rehearsed(connection, doubtful, query)
        else:
            made = dict(sqlite(context))
        memo[kind] = Wording(made, wanted, models)
    wording: Wording = memo[kind]
    return wording


def _told(connection: "Connection", query: str) -> dict[Key, str]:
    return {(schema, table, name): text for schema, table, name, text in connection.exec_driver_sql(query)}


def _rehearsed(connection: "Connection", statements: Mapping[Key, str], query: str) -> dict[Key, str]:
    """What PostgreSQL makes of the statements on empty tables. What it refuses, as for a new column, is not told."""
    quote = connection.dialect.identifier_preparer.quote
    tables = [quote(name) for name in sorted({table for schema, table, _ in statements if not schema})]
    if not tables:
        return {}
    # A temporary table hides the one of the same name, so the statements need not be changed.
    steps = [f"CREATE TEMPORARY TABLE {table} (LIKE {table})" for table in tables]
    steps += [text for (schema, *_), text in statements.items() if not schema]
    block = "\n".join(f"BEGIN {step}; EXCEPTION WHEN OTHERS THEN NULL; END;" for step in steps)
    connection.exec_driver_sql(f"DO $oppman$ BEGIN\n{block}\nEND $oppman$")
    said = _told(connection, query + _REHEARSED)
    connection.exec_driver_sql(f"DROP TABLE {', '.join(f'pg_temp.{table}' for table in tables)}")
    return {("", table, name): text for (_, table, name), text in said.items()}


def _model_checks(table: "Table", dialect: "Dialect") -> Iterator[tuple[str, Any]]:
    from sqlalchemy import CheckConstraint

    for check in table.constraints:
        if isinstance(check, CheckConstraint) and check.name is not None and is_a_rule(check):
            yield _unquoted(dialect.identifier_preparer.format_constraint(check)), check


def is_a_rule(check: Any) -> bool:
    """Whether it is somebody's own, or lists the members of an enum that is kept as text; other types bring theirs."""
    from sqlalchemy import Enum

    kinds = [column.type for column in check.columns]
    return not getattr(check, "_type_bound", False) or any(
        isinstance(kind, Enum) and kind.create_constraint and not kind.native_enum for kind in kinds
    )


def _model_indexes(table: "Table", dialect: "Dialect") -> Iterator[tuple[str, Any]]:
    for index in table.indexes:
        yield _unquoted(dialect.identifier_preparer.format_index(index)), index


def _unquoted(name: str | None) -> str:
    return (name or "").strip('"')


def _add_check(check: Any, dialect: "Dialect") -> str:
    preparer = dialect.identifier_preparer
    table, name = preparer.format_table(check.table), preparer.format_constraint(check)
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check_text(check, dialect)})"


def _create_index(index: Any, dialect: "Dialect") -> str:
    from sqlalchemy.schema import CreateIndex

    return str(CreateIndex(index).compile(dialect=dialect)).strip().replace("INDEX CONCURRENTLY", "INDEX")


def _sqlite_checks(context: Any) -> Iterator[tuple[Key, str]]:
    for (schema, table), checks in context.inspector.get_multi_check_constraints().items():
        for check in checks:
            if check["name"]:
                yield (schema or "", table, check["name"]), f"CHECK ({check['sqltext']})"


def _sqlite_indexes(context: Any) -> Iterator[tuple[Key, str]]:
    query = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    for table, name, text in context.connection.exec_driver_sql(query):
        yield ("", table, name), text
