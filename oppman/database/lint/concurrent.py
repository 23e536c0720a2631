"""An index made or dropped concurrently, in a block that commits on PostgreSQL and does nothing on SQLite."""

import ast

from oppman.database.autogenerate.tidy import laid_out
from oppman.database.lint.calls import Call, called, calls
from oppman.database.lint.site import Site, quoted
from oppman.database.lint.text import STEP, Edit, apply, imported, indent, span, with_argument

_OPPOSITE = {"create_index": "drop_index", "drop_index": "create_index"}
_ANY_INDEX = _OPPOSITE.keys()
_NEEDS_UNIQUE = {"create_check_constraint", "create_foreign_key", "drop_constraint"}


def concurrently(site: Site) -> str | None:
    """The text with the index of `upgrade()` done concurrently, and with its counterpart in `downgrade()`."""
    text = _rewritten(site)
    if text is None:
        return None
    for call in calls(ast.parse(text), "downgrade"):
        if _undoes(call, site.call) and (other := Site.of(text, call)):
            return _rewritten(other) or text
    return text


def _undoes(call: Call, other: Call) -> bool:
    same = call.text("name") == other.text("name")
    return same and call.operation == _OPPOSITE[other.operation] and not call.autocommit


def _rewritten(site: Site) -> str | None:
    if not site.call.text("name") or "postgresql_concurrently" in site.call.arguments:
        return None
    head = _head(site)
    edits = _out_of_batch(site, head) if site.batch else _in_place(site, head)
    text = apply(site.text, edits)
    return imported(text, "contextlib", "nullcontext") if edits and "nullcontext" in head else text


def _head(site: Site) -> str:
    context = f"{site.operations}.get_context()"
    block = f"{indent(site.outer)}with {context}.autocommit_block()"
    if site.call.only == "postgres":
        return f"{block}:"
    return f'{block} if {context}.dialect.name == "postgresql" else nullcontext():'


def _in_place(site: Site, head: str) -> list[Edit]:
    rows = [*_left_over(site), *with_argument(site.text, site.statement, site.node, _arguments(site), STEP)]
    before, after = site.neighbours
    first, last = span(site.statement)
    joins = _is_block(site, before, head) and _end(before) == first - 1
    if _is_block(site, after, head) and after and after.lineno == last + 1:
        last = after.lineno  # the head of the block behind gives way to ours
    return [Edit(first, last, tuple(rows) if joins else (head, *rows))]


def _out_of_batch(site: Site, head: str) -> list[Edit]:
    """The index moves before or behind its batch; no edits if something of the batch stands between."""
    if site.batch is None:
        return []
    batch, (first, last), (start, end) = site.batch.node, span(site.statement), span(site.batch.node)
    place = batch.body.index(site.statement)
    rows = (*_left_over(site), *_plain(site, site.batch.table))
    before, after = site.neighbours
    if len(batch.body) == 1:
        return [Edit(start, end, (head, *rows))]
    if all(_lets_pass(node, site) for node in batch.body[:place]):
        joins = _is_block(site, before, head) and _end(before) == start - 1
        return [Edit(start, start - 1, rows if joins else (head, *rows)), Edit(first, last, ())]
    if not all(_lets_pass(node, site) for node in batch.body[place + 1 :]):
        return []
    if _is_block(site, after, head) and after and after.lineno == end + 1:
        return [Edit(first, last, ()), Edit(_end(after) + 1, _end(after), rows)]
    return [Edit(first, last, ()), Edit(end + 1, end, (head, *rows))]


def _plain(site: Site, table: str) -> list[str]:
    """`batch_op.create_index("ix", ["c"])` as `op.create_index("ix", "t", ["c"], ...)`, a step right of the batch."""
    node = ast.parse(ast.unparse(site.node), mode="eval").body
    if not isinstance(node, ast.Call):
        return []
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.attr in {"f", called(node)}:
            part.value = ast.Name(site.operations)
    if called(node) == "create_index" and len(node.args) == 2:
        node.args.insert(1, ast.Constant(table))
    else:
        node.keywords.insert(0, ast.keyword("table_name", ast.Constant(table)))
    return _rows(f"{ast.unparse(node)[:-1]}, {_arguments(site)})", site)


def _arguments(site: Site) -> str:
    """What the call lacks: an earlier try may have dropped the index already."""
    again = site.call.operation == "drop_index" and "if_exists" not in site.call.arguments
    return "if_exists=True, postgresql_concurrently=True" if again else "postgresql_concurrently=True"


def _left_over(site: Site) -> list[str]:
    """The removal of what an earlier try has left: an index that could not be finished stays, and is invalid."""
    if site.call.operation == "drop_index":
        return []
    name, table = quoted(site.call.text("name")), quoted(site.call.table)
    if isinstance(site.call.arguments["name"], ast.Call):
        name = f"{site.operations}.f({name})"
    drop = f"{site.operations}.drop_index({name}, table_name={table}, if_exists=True, postgresql_concurrently=True)"
    return _rows(drop, site)


def _rows(expression: str, site: Site) -> list[str]:
    return laid_out(ast.parse(expression).body[0], site.outer.col_offset + len(STEP))


def _lets_pass(node: ast.stmt, site: Site) -> bool:
    """Whether it makes no difference if the index comes before this statement of its batch or behind it.

    A foreign key may need a unique index, so that one stays on its side of it.
    """
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    passable = _ANY_INDEX if site.call.constant("unique") is True else _ANY_INDEX | _NEEDS_UNIQUE
    return called(node.value) in passable


def _is_block(site: Site, node: ast.stmt | None, head: str) -> bool:
    return isinstance(node, ast.With) and site.text.split("\n")[node.lineno - 1] == head


def _end(node: ast.stmt | None) -> int:
    return (node.end_lineno or 0) if node else 0
