"""A rename in two steps on PostgreSQL: between them the old code and the new one both find what they know.

A table gets a view of its old name, through which the old code reads and writes. A column gets a copy of the new name,
and a trigger that keeps both the same. The second step is a revision of its own, for when no old code runs any more: it
takes the view or the copy away. The column itself is renamed there, so its indexes, constraints and default stay.
"""

import ast
from dataclasses import dataclass

from oppman.database.autogenerate.tidy import laid_out
from oppman.database.lint.calls import Call, calls
from oppman.database.lint.operations import changes
from oppman.database.lint.site import Site, identifier, quoted
from oppman.database.lint.text import STEP, Edit, above, apply, indent, span
from oppman.database.tables.quote import literal

_RENAMES = {"rename_table", "alter_column"}
_PAGES = 200
"""So many pages of a table are copied before each commit: some thousand rows."""

_VIEW = "CREATE VIEW {old} AS SELECT * FROM {new}"
_COLUMN = """
DO $$ BEGIN EXECUTE (
    SELECT format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS %I %s',
                  attrelid::regclass, {new_text}, format_type(atttypid, atttypmod))
    FROM pg_attribute WHERE attrelid = {table_text}::regclass AND attname = {old_text}
); END $$
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION {both}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' AND NEW.{new} IS NOT NULL OR
       TG_OP = 'UPDATE' AND NEW.{new}::text IS DISTINCT FROM OLD.{new}::text THEN
        NEW.{old} := NEW.{new};
    ELSE
        NEW.{new} := NEW.{old};
    END IF;
    RETURN NEW;
END $$
"""
_TRIGGER = """
CREATE OR REPLACE TRIGGER {both} BEFORE INSERT OR UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {both}()
"""
_ROWS = """
DO $$ DECLARE
    page bigint := 0;
    pages bigint := pg_relation_size({table_text}) / current_setting('block_size')::bigint;
BEGIN WHILE page <= pages LOOP
    UPDATE {table} SET {new} = {old} WHERE {new} IS NULL AND {old} IS NOT NULL
        AND ctid >= format('(%s,0)', page)::tid AND ctid < format('(%s,0)', page + {pages})::tid;
    COMMIT;
    page := page + {pages};
END LOOP; END $$
"""


@dataclass(frozen=True)
class Rename:
    """Of a column of `table`, or with `table` empty of a table."""

    table: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.table}.{self.old}" if self.table else self.old

    def follow(self) -> tuple[str, str]:
        """The bodies of the second step: `upgrade()` and `downgrade()`."""
        inner = STEP * 2
        begin = [f"{STEP}# When no code uses {self.old} any more. SQLite has renamed it already.", _branch(STEP)]
        again = [f"{STEP}# Both names work again.", _branch(STEP)]  # with a comment, a function keeps its layout
        if not self.table:
            up, back = self._run("DROP VIEW {old}", inner), self._run(_VIEW, inner)
            return "\n".join([*begin, *up]), "\n".join([*again, *back])
        up = [
            *self._run("DROP TRIGGER {both} ON {table}", inner),
            *self._run("DROP FUNCTION {both}()", inner),
            f"{inner}# lint: ignore[column-dropped]: a copy of {self.old}, which takes its name",
            *self._run("ALTER TABLE {table} DROP COLUMN {new}", inner),
            f"{inner}# lint: ignore[column-renamed]: the code says {self.new} since the step before",
            *self._run("ALTER TABLE {table} RENAME COLUMN {old} TO {new}", inner),
        ]
        back = [*self._run("ALTER TABLE {table} RENAME COLUMN {new} TO {old}", inner), *self._both(inner, "op")]
        return "\n".join([*begin, *up]), "\n".join([*again, *back])

    def _names(self) -> dict[str, str]:
        both = f"{self.table}_{self.old}_{self.new}".encode()[:63].decode(errors="ignore")
        names = {"table": self.table, "old": self.old, "new": self.new, "both": both}
        texts = {f"{key}_text": literal(value) for key, value in names.items()}
        quoted_names = {key: identifier(value) for key, value in names.items()}
        return quoted_names | texts | {"table_text": literal(quoted_names["table"]), "pages": str(_PAGES)}

    def _run(self, statement: str, spaces: str, operations: str = "op") -> list[str]:
        """The rows that run a short statement."""
        call = f"{operations}.execute({quoted(statement.format(**self._names()))})"
        return laid_out(ast.parse(call).body[0], len(spaces))

    def _both(self, spaces: str, operations: str) -> list[str]:
        """What makes the copy and keeps it; each part may run again."""
        names = self._names()
        rows = []
        for part in (_COLUMN, _FUNCTION, _TRIGGER):
            rows += _long(part.format(**names), spaces, operations)
        rows.append(f"{spaces}with {operations}.get_context().autocommit_block():")
        return [*rows, *_long(_ROWS.format(**names), spaces + STEP, operations)]

    def _parted(self, site: Site, *, back: bool) -> list[str]:
        """The rows instead of the statement that renames, in `upgrade()` or, `back`, in `downgrade()`."""
        spaces, operations = indent(site.statement), site.operations
        first, last = span(site.statement)
        kept = [STEP + row for row in site.text.split("\n")[first - 1 : last]]
        if not back:
            remark = (
                f"{spaces}# The old code says {self.old}, the new one {self.new}: both work until the next revision."
            )
            return [
                remark,
                _branch(spaces, operations),
                *self._both(spaces + STEP, operations),
                f"{spaces}else:",
                *kept,
            ]
        made = [
            row
            for statement in (
                "DROP TRIGGER IF EXISTS {both} ON {table}",
                "DROP FUNCTION IF EXISTS {both}()",
                "ALTER TABLE {table} DROP COLUMN IF EXISTS {new}",
            )
            for row in self._run(statement, spaces + STEP, operations)
        ]
        return [_branch(spaces, operations), *made, f"{spaces}else:", *kept]


def in_two_steps(site: Site) -> tuple[str, Rename] | None:
    """The text of the first step, and the rename; None where it is not certain that nothing else is changed."""
    rename = _rename(site.call)
    if rename is None or not _is_alone(site, rename):
        return None
    tree = ast.parse(site.text)
    undone = [
        call for call in calls(tree, "downgrade") if _rename(call) == Rename(rename.table, rename.new, rename.old)
    ]
    back = Site.of(site.text, undone[0]) if len(undone) == 1 and _is_plain(undone[0]) else None
    if back is None:
        return None
    if rename.table:
        edits = [Edit(*span(site.statement), tuple(rename._parted(site, back=False)))]
        edits += [Edit(*span(back.statement), tuple(rename._parted(back, back=True)))]
        return apply(site.text, edits), rename
    return apply(site.text, _with_a_view(site, back, rename)), rename


def _with_a_view(site: Site, back: Site, rename: Rename) -> list[Edit]:
    spaces, operations = indent(site.statement), site.operations
    reason = f"{spaces}# lint: ignore[table-renamed]: the old code finds the view {rename.old} until the next revision"
    row, end = above(site.text, site.statement), span(site.call.path[0])[1]
    view = (_branch(spaces, operations), *rename._run(_VIEW, spaces + STEP, operations))
    start = back.call.path[0]
    first = above(site.text, start.body[0]) if isinstance(start, ast.FunctionDef) else 0
    drop = rename._run("DROP VIEW IF EXISTS {old}", spaces + STEP, operations)
    return [
        Edit(row, row - 1, (reason,)),
        Edit(end + 1, end, view),
        Edit(first, first - 1, (_branch(spaces, operations), *drop)),
    ]


def _rename(call: Call) -> Rename | None:
    if call.operation == "rename_table" and not call.text("schema"):
        old, new = call.text("table"), call.text("new_table_name")
        return Rename("", old, new) if old and new else None
    extra = {name for name in call.arguments if not name.startswith("existing_")} - {"table", "column"}
    if call.operation != "alter_column" or extra != {"new_column_name"} or call.batch:
        return None
    old, new = call.text("column"), call.text("new_column_name")
    return Rename(call.table, old, new) if call.table and old and new else None


def _is_plain(call: Call) -> bool:
    """Whether it stands in the function itself, under no condition."""
    return call.only is None and call.batch is None and not call.autocommit and len(call.path) == 2


def _is_alone(site: Site, rename: Rename) -> bool:
    """Whether the revision does nothing else to that table on PostgreSQL, in either direction."""
    ours = {rename.table} if rename.table else {rename.old, rename.new}
    others = [
        change
        for function in ("upgrade", "downgrade")
        for call in calls(ast.parse(site.text), function)
        if call.only != "sqlite" and not _same(call, rename)
        for change in changes(call)
        if {change.table, change.new_name} & ours or (change.kind == "rename_table" and not rename.table)
    ]
    return _is_plain(site.call) and not others


def _same(call: Call, rename: Rename) -> bool:
    found = _rename(call) if call.operation in _RENAMES else None
    return found is not None and found.table == rename.table and {found.old, found.new} == {rename.old, rename.new}


def _branch(spaces: str, operations: str = "op") -> str:
    return f'{spaces}if {operations}.get_context().dialect.name == "postgresql":'


def _long(statement: str, spaces: str, operations: str) -> list[str]:
    """The rows that run a statement of several rows."""
    inner = [f"{spaces}{STEP}{row}" if row else "" for row in statement.strip("\n").split("\n")]
    return [f"{spaces}{operations}.execute(", f'{spaces}{STEP}"""', *inner, f'{spaces}{STEP}"""', f"{spaces})"]
