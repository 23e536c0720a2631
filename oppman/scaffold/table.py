"""What a resource is in the database: its table, and the tables that link it with others, with every name."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from oppman.errors import InvalidName
from oppman.scaffold import model_code
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind
from oppman.scaffold.resource import Link, Resource

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""How the web app names constraints (`webapp/db.py`); a test holds the two together."""

VECTOR = "webapp.vector"
"""The module with the type of a column of vectors, which a revision imports."""

LONGEST_NAME = 63
"""Characters that PostgreSQL keeps of a name."""


@dataclass(frozen=True)
class Column:
    """A column, with its type as a revision writes it: `sa.String(length=200)`."""

    name: str
    type: str
    nullable: bool = False
    default: str | None = None
    """What rows that are there already get, as the database stores it."""


@dataclass(frozen=True)
class Reference:
    """A foreign key to the `id` of a table."""

    name: str
    column: str
    table: str
    on_delete: str
    """CASCADE or SET NULL; "" if nothing is said."""


@dataclass(frozen=True)
class Rule:
    """A CHECK constraint of one column."""

    name: str
    column: str
    sql: str


@dataclass(frozen=True)
class Columns:
    """A unique constraint or an index."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table, or what is to be added to one. `indexes` and `uniques` are in the order of their names."""

    name: str
    columns: tuple[Column, ...]
    key: Columns
    references: tuple[Reference, ...] = ()
    checks: tuple[Rule, ...] = ()
    uniques: tuple[Columns, ...] = ()
    indexes: tuple[Columns, ...] = ()
    autoincrement: bool = False

    def only(self, names: Collection[str]) -> "Table":
        """The columns of these names and what belongs to them."""
        return replace(
            self,
            columns=tuple(column for column in self.columns if column.name in names),
            references=tuple(reference for reference in self.references if reference.column in names),
            checks=tuple(rule for rule in self.checks if rule.column in names),
            uniques=tuple(unique for unique in self.uniques if set(unique.columns) & set(names)),
            indexes=tuple(index for index in self.indexes if set(index.columns) & set(names)),
        )


def table(r: Resource) -> Table:
    """The table of a resource. Raises InvalidName if a name in it would be too long."""
    name = r.names.table
    references = [(parent.field.column, parent.model.table, parent.field.on_delete) for parent in r.parents]
    if r.options.owned:
        references.insert(0, ("owner_id", "users", "cascade"))
    return Table(
        name,
        tuple(_columns(r)),
        _key(name, "id"),
        tuple(_reference(name, *reference) for reference in references),
        tuple(_check(name, field, *rule) for field in r.columns for rule in model_code.checks(field)),
        _named("uq", name, r.unique_columns),
        _named("ix", name, r.index_columns),
        autoincrement=not r.options.uuid,
    )


def links(r: Resource, fields: Collection[Field]) -> Iterator[Table]:
    """The link tables of those of the fields that are `many`, in their order."""
    for link in r.links:
        if link.field in fields:
            yield _link(r, link)


def _columns(r: Resource) -> Iterator[Column]:
    for field in r.columns:
        yield Column(field.column, _type(field), model_code.is_nullable(field))
    yield Column("id", _key_type(r.key_type))
    if r.options.owned:
        yield Column("owner_id", _key_type(r.owner_key_type))
    for parent in r.parents:
        yield Column(parent.field.column, _key_type(parent.field.target_key), parent.field.optional)
    for field in r.secrets:
        yield Column(field.column, _type(field), field.optional)
    for field in r.uploads:
        yield Column(field.column, _type(field), nullable=True)
    yield Column("created_at", _MOMENT)
    yield Column("updated_at", _MOMENT)
    if r.options.soft_delete:
        yield Column("deleted_at", _MOMENT, nullable=True)


def _link(r: Resource, link: Link) -> Table:
    own, theirs = r.names.table, link.model.table
    return Table(
        link.table,
        (
            Column(link.own, _key_type(r.key_type)),
            Column(link.theirs, _key_type(link.key_type)),
        ),
        _key(link.table, link.own, link.theirs),
        (
            _reference(link.table, link.own, own, "cascade"),
            _reference(link.table, link.theirs, theirs, "cascade"),
        ),
        indexes=_named("ix", link.table, [(link.theirs,)]),
    )


_MOMENT = "sa.DateTime(timezone=True)"
_TYPES = {
    Kind.TEXT: "sa.Text()", Kind.INT: "sa.Integer()", Kind.FLOAT: "sa.Float()", Kind.BOOL: "sa.Boolean()",
    Kind.DATE: "sa.Date()", Kind.DATETIME: _MOMENT, Kind.TIME: "sa.Time()", Kind.UUID: "sa.Uuid()",
    Kind.JSON: "sa.JSON()", Kind.ENUM: "sa.String(length=20)", Kind.FILE: "sa.String(length=100)",
    Kind.IMAGE: "sa.String(length=100)", Kind.SECRET: "sa.String(length=255)",
}  # fmt: skip


def _type(field: Field) -> str:
    if field.type is Kind.DECIMAL:
        return f"sa.Numeric(precision={field.digits}, scale={field.places})"
    if field.type is Kind.VECTOR:
        return f"{VECTOR}.Vector({field.dimensions})"
    return _TYPES.get(field.type) or f"sa.String(length={model_code.length(field)})"


def _key_type(key_type: str) -> str:
    return "sa.Uuid()" if key_type == "UUID" else "sa.Integer()"


def _key(table: str, *columns: str) -> Columns:
    return Columns(_name("pk", table_name=table), columns)


def _reference(table: str, column: str, target: str, on_delete: str) -> Reference:
    name = _name("fk", table_name=table, column_0_N_name=column, referred_table_name=target)
    return Reference(name, column, target, model_code.ON_DELETE[on_delete])


def _check(table: str, field: Field, sql: str, name: str) -> Rule:
    return Rule(_name("ck", table_name=table, constraint_name=name), field.column, sql)


def _named(kind: str, table: str, all_columns: Collection[tuple[str, ...]]) -> tuple[Columns, ...]:
    found = {_name(kind, table_name=table, column_0_N_name="_".join(columns)): columns for columns in all_columns}
    return tuple(Columns(name, found[name]) for name in sorted(found))


def _name(kind: str, **parts: str) -> str:
    name = NAMING[kind] % parts
    if len(name) > LONGEST_NAME:
        raise InvalidName(
            f"{name!r} would have {len(name)} characters, and PostgreSQL takes names of at most {LONGEST_NAME}.",
            "It is made of the resource's name and the field's: say one of them in fewer words.",
        )
    return name
