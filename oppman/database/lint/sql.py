"""A modest reader of SQL: the statements that the rules are about. What it does not know it passes over."""

import re
from collections.abc import Iterator

from oppman.database.lint.change import Change, Column, Default
from oppman.database.lint.column_types import from_sql

_NAME = r'((?:"[^"]+"|[a-z_][\w$]*)(?:\.(?:"[^"]+"|[a-z_][\w$]*))?)'
_VOLATILE = re.compile(
    r"\b(random|clock_timestamp|timeofday|gen_random_uuid|uuid_generate_v\w+|uuidv[47]|nextval)\b", re.IGNORECASE
)
_SPLITS = re.compile(
    r"""(?P<keep>'(?:[^']|'')*'|"[^"]*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<drop>--[^\n]*|/\*.*?\*/)|(?P<end>;)""",
    re.DOTALL,
)
_STRING = re.compile("'(?:[^']|'')*'")
_TYPE_ENDS = re.compile(
    r"\s(?:not\s+null|null|default|primary\s+key|unique|references|check|collate|constraint|generated|using)\b", re.I
)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("NAME", _NAME).replace(" ", r"\s+").replace("~", r"\s*"), re.IGNORECASE | re.DOTALL)


_CREATE_TABLE = _pattern("create (?:unlogged )?table (?:if not exists )?NAME")
_DROP_TABLE = _pattern(r"drop table (?:if exists )?(.+?)(?: (cascade|restrict))?~$")
_DROP_OTHER = _pattern("drop [^']* cascade~$")
_CREATE_INDEX = _pattern("create (?:unique )?index (concurrently )?(?:if not exists )?(?:NAME )?on (?:only )?NAME")
_DROP_INDEX = _pattern("drop index (concurrently )?(?:if exists )?NAME")
_ALTER_TABLE = _pattern("alter table (?:if exists )?(?:only )?NAME (.+)$")
_ENUM = _pattern("alter type NAME add value")
_SCHEMA = _pattern("alter schema NAME rename to NAME")
_UPDATE = _pattern("update (?:only )?NAME(?: as)?(?: [a-z_]+)? set (.+)$")
_DELETE = _pattern("delete from (?:only )?NAME(.*)$")
_ALL_ROWS = _pattern(r"""NAME is null~$""")

_RENAME_TABLE = _pattern("rename to NAME")
_RENAME_COLUMN = _pattern("rename (?:column )?(?!constraint )NAME to NAME")
_CONSTRAINT = _pattern("add (?:constraint NAME )?(check|foreign key|unique|primary key|exclude)(?!\\w)(.*)$")
_ADD_COLUMN = _pattern("add (?:column )?(?!constraint )(?:if not exists )?NAME (.+)$")
_VALIDATE = _pattern("validate constraint NAME")
_DROP_CONSTRAINT = _pattern("drop constraint (?:if exists )?NAME( cascade)?")
_DROP_COLUMN = _pattern("drop (?:column )?(?:if exists )?NAME( cascade)?")
_TYPE = _pattern("alter (?:column )?NAME (?:set data )?type (.+)$")
_NOT_NULL = _pattern("alter (?:column )?NAME set not null")
_REFERENCES = _pattern(r"references NAME")
_CASCADE = _pattern("on delete cascade")


def read(text: str) -> Iterator[Change]:
    """The changes that the statements in `text` make."""
    for statement in statements(text):
        yield from _statement(statement)


def statements(text: str) -> list[str]:
    """`text` at its semicolons, without comments; strings and dollar quotes are left whole."""
    found, current, place = [], "", 0
    for match in _SPLITS.finditer(text):
        current += text[place : match.start()]
        place = match.end()
        if match["keep"]:
            current += match["keep"]
        elif match["drop"]:
            current += " "
        else:
            found.append(current)
            current = ""
    found.append(current + text[place:])
    return [statement.strip() for statement in found if statement.strip()]


def is_volatile(expression: str) -> bool:
    """Whether a default is known to give another value for each row."""
    return bool(_VOLATILE.search(expression))


def is_not_null_check(condition: str) -> str:
    """The column that a check such as `sku IS NOT NULL` is about; empty for any other check."""
    inner = condition.strip()
    while inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1].strip()
    found = re.fullmatch(rf"{_NAME}\s+is\s+not\s+null", inner, re.IGNORECASE)
    return _plain(found[1]) if found else ""


def _statement(text: str) -> Iterator[Change]:
    if found := _CREATE_TABLE.match(text):
        yield Change("create_table", _plain(found[1]))
    elif found := _DROP_TABLE.match(text):
        cascade = (found[2] or "").lower() == "cascade"
        for name in found[1].split(","):
            yield Change("drop_table", _plain(name.strip()), cascade=cascade)
    elif found := _CREATE_INDEX.match(text):
        yield Change("create_index", _plain(found[3]), _plain(found[2]), concurrently=bool(found[1]))
    elif found := _DROP_INDEX.match(text):
        cascade = bool(_DROP_OTHER.match(text))
        yield Change("drop_index", "", _plain(found[2]), concurrently=bool(found[1]), cascade=cascade)
    elif _DROP_OTHER.match(text):
        yield Change("drop_cascade", cascade=True)
    elif found := _ALTER_TABLE.match(text):
        for action in _split(found[2]):
            yield from _action(_plain(found[1]), action)
    elif found := _ENUM.match(text):
        yield Change("add_enum_value", name=_plain(found[1]))
    elif found := _SCHEMA.match(text):
        yield Change("rename_schema", name=_plain(found[1]), new_name=_plain(found[2]))
    elif (found := _UPDATE.match(text)) or (found := _DELETE.match(text)):
        rest = _STRING.sub("''", found[2])
        where = re.split(r"\bwhere\b", rest, maxsplit=1, flags=re.IGNORECASE)
        if len(where) == 1 or _ALL_ROWS.fullmatch(where[1].strip()):
            yield Change("write_rows", _plain(found[1]))


def _action(table: str, text: str) -> Iterator[Change]:
    """One action of ALTER TABLE."""
    if found := _RENAME_TABLE.match(text):
        yield Change("rename_table", table, new_name=_plain(found[1]))
    elif found := _RENAME_COLUMN.match(text):
        yield Change("rename_column", table, _plain(found[1]), _plain(found[2]))
    elif found := _CONSTRAINT.match(text):
        yield _constraint(table, _plain(found[1]), found[2].lower().split()[0], found[3])
    elif found := _ADD_COLUMN.match(text):
        yield from _column(table, _plain(found[1]), found[2])
    elif found := _VALIDATE.match(text):
        yield Change("validate", table, _plain(found[1]))
    elif found := _DROP_CONSTRAINT.match(text):
        yield Change("drop_constraint", table, _plain(found[1]), cascade=bool(found[2]))
    elif found := _DROP_COLUMN.match(text):
        yield Change("drop_column", table, _plain(found[1]), cascade=bool(found[2]))
    elif found := _TYPE.match(text):
        yield Change("change_type", table, _plain(found[1]), type=from_sql(_TYPE_ENDS.split(found[2] + " ")[0]))
    elif found := _NOT_NULL.match(text):
        yield Change("set_not_null", table, _plain(found[1]))


def _constraint(table: str, name: str, kind: str, rest: str) -> Change:
    lower = " ".join(rest.lower().split())
    not_valid, unnamed = lower.endswith("not valid"), not name
    if kind == "check":
        condition = re.sub(r"\s+not\s+valid$", "", rest.strip(), flags=re.IGNORECASE)
        return Change("add_check", table, name, not_valid=not_valid, condition=condition, unnamed=unnamed)
    if kind == "foreign":
        target = _REFERENCES.search(rest)
        refers_to = _plain(target[1]) if target else ""
        cascade = bool(_CASCADE.search(rest))
        return Change(
            "add_foreign_key", table, name, refers_to=refers_to, cascade=cascade, not_valid=not_valid, unnamed=unnamed
        )
    if kind == "exclude":
        return Change("add_exclude", table, name, unnamed=unnamed)
    return Change("add_unique", table, name, using_index=lower.startswith("using index"), unnamed=unnamed)


def _column(table: str, name: str, rest: str) -> Iterator[Change]:
    definition = f" {' '.join(rest.split())} "
    lower = definition.lower()
    kind = from_sql(_TYPE_ENDS.split(definition)[0])
    stored = " generated always as (" in lower and " stored" in lower
    identity = " as identity" in lower or kind in {"serial", "bigserial", "smallserial"}
    _, given, value = lower.partition(" default ")
    default: Default = "volatile" if identity or (given and is_volatile(value)) else "stable" if given or stored else ""
    nullable = " not null " not in lower and " primary key" not in lower
    column = Column(name, kind, nullable, default, stored)
    yield Change("add_column", table, name, columns=(column,), type=kind)
    if " unique " in lower or " primary key " in lower:
        yield Change("add_unique", table, name, unnamed=True)
    if " check " in lower or " check(" in lower:
        yield Change("add_check", table, unnamed=True)
    if (found := _REFERENCES.search(definition)) and (given or identity):  # without a value there is nothing to check
        yield Change("add_foreign_key", table, refers_to=_plain(found[1]), cascade=bool(_CASCADE.search(definition)))


def _split(text: str) -> list[str]:
    """`text` at its commas outside of parentheses and quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts]


def _plain(name: str | None) -> str:
    """A name as the database keeps it: without quotes, in lower case where it had none."""
    parts = re.findall(r'"([^"]+)"|([^".\s]+)', name or "")
    return ".".join(quoted or bare.lower() for quoted, bare in parts)
