"""A resource and every word that its files are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from oppman.errors import InvalidField, InvalidName
from oppman.scaffold import definition_order, model_code, schema_code
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import UPLOADS, Kind
from oppman.scaffold.models import Model
from oppman.scaffold.naming import Names, class_name_of, module_of, singular_of
from oppman.scaffold.needed_rows import needing

_OTHER_CLASSES = {"Admin", "Base", "Create", "Filters", "Page", "Query", "Read", "Update"}
"""What else the classes of a resource are called, behind its name."""

_SORTABLE = {Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.DATETIME}


@dataclass(frozen=True)
class Parent:
    """A model that the resource belongs to, through one of its fields."""

    field: Field
    model: Model


@dataclass(frozen=True)
class Link:
    """A many-to-many relation: its own table, with a key of either side."""

    field: Field
    model: Model
    class_name: str
    """BookTag"""
    table: str
    """book_tags"""
    own: str
    """The column with the key of the resource."""
    theirs: str
    """The column with the key of the other one."""

    @property
    def key_type(self) -> str:
        """The type of the other one's key: int or UUID."""
        return self.field.target_key


@dataclass(frozen=True)
class Options:
    """What is said of a resource as a whole."""

    owned: bool = False
    """Each row belongs to a user, who alone sees it."""
    soft_delete: bool = False
    """A deleted row stays in the table, and nothing finds it any more."""
    uuid: bool = False
    """The key is a UUID of version 7 and no number."""
    uniques: tuple[tuple[str, ...], ...] = ()
    """Columns that no two rows have alike together; no two of an owner's rows, if each has their own."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """Indexes of several columns, beside those that the lists need. They begin with the owner, if there is one."""
    pages: bool = True
    admin: bool = True

    @classmethod
    def of(cls, model: Model) -> "Options":
        """What the columns of a model tell."""
        has = set(model.columns)
        return cls(owned="owner_id" in has, soft_delete="deleted_at" in has, uuid=model.key_type == "UUID")

    @property
    def words(self) -> tuple[str, ...]:
        """The options as they are typed, those that say what is usual left out."""
        switches = {
            "--owned": self.owned, "--soft-delete": self.soft_delete, "--uuid": self.uuid,
            "--no-pages": not self.pages, "--no-admin": not self.admin,
        }  # fmt: skip
        together = [f"--unique {','.join(columns)}" for columns in self.uniques]
        together += [f"--index {','.join(columns)}" for columns in self.indexes]
        return (*(switch for switch, is_on in switches.items() if is_on), *together)


@dataclass(frozen=True)
class Resource:
    """What `oppman scaffold resource` was told, with the models of the project that it refers to."""

    names: Names
    fields: tuple[Field, ...]
    about: str
    models: Mapping[str, Model]
    options: Options = Options()
    existing: Model | None = None
    """The model, if it is there already and the generator has to do with what it has."""

    def __post_init__(self) -> None:
        if self.options.owned and any(field.name == "owner" for field in self.fields):
            raise InvalidField(
                "owner: with --owned every row has an owner already, the user whom it belongs to.",
                "Leave the field out, or call it `holder`.",
            )
        object.__setattr__(self, "fields", tuple(map(self._with_key, self.fields)))

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that are columns of its own, and the same in the schemas."""
        apart = {Kind.REF, Kind.MANY, Kind.SECRET} | UPLOADS
        return tuple(field for field in self.fields if field.type not in apart)

    @cached_property
    def uploads(self) -> tuple[Field, ...]:
        """The files: each is sent, fetched and removed at an address of its own."""
        return tuple(field for field in self.fields if field.type in UPLOADS)

    @cached_property
    def sent(self) -> tuple[Field, ...]:
        """The fields that a body or a form gives the values of."""
        return tuple(field for field in self.fields if field.type not in UPLOADS)

    @cached_property
    def secrets(self) -> tuple[Field, ...]:
        """The fields of which only a hash is stored."""
        return tuple(field for field in self.fields if field.type is Kind.SECRET)

    @cached_property
    def links(self) -> tuple["Link", ...]:
        """The many-to-many relations. Raises InvalidName for one to a model that the project does not have."""
        return tuple(self._link(field) for field in self.fields if field.type is Kind.MANY)

    @cached_property
    def first_links(self) -> frozenset[str]:
        """The keys of the relations to rows that can be there before any of its own is."""
        own, known = self.names, self.models

        def waits(model: Model) -> bool:
            return model.name == own.class_name or (own.class_name in known and bool(needing(model, own.table, known)))

        return frozenset(link.field.key for link in self.links if not waits(link.model))

    @cached_property
    def parents(self) -> tuple[Parent, ...]:
        """The models that it belongs to. Raises InvalidName for one that the project does not have."""
        return tuple(Parent(field, self._target(field)) for field in self.fields if field.type is Kind.REF)

    @cached_property
    def title(self) -> Field | None:
        """The field that names a row to a person: the first short text."""
        return next((field for field in self.columns if field.type is Kind.STR and not field.optional), None)

    @cached_property
    def sorts(self) -> tuple[Field, ...]:
        """The fields that a list can be sorted by; each has an index. A page starts after a value, which is shown."""
        return tuple(
            field for field in self.columns
            if not field.hidden and not model_code.is_nullable(field)
            and (field is self.title or field.type in _SORTABLE)
        )  # fmt: skip

    @cached_property
    def sort_names(self) -> tuple[str, ...]:
        """The columns that a list can be sorted by, beside the key."""
        return (*(field.column for field in self.sorts), *(name for name in self.stamps if name == "created_at"))

    @cached_property
    def stamps(self) -> tuple[str, ...]:
        """The columns that say when a row was written."""
        found = ("created_at", "updated_at")
        return tuple(name for name in found if self.existing is None or name in self.existing.columns)

    def is_shared(self, field: Field) -> bool:
        """Whether the schemas have the field from the model's base, with all its rules."""
        if self.existing is None:
            return field in self.columns
        if field.column not in (self.existing.base or ()):
            return False
        [there] = (attribute for attribute in self.existing.attributes if attribute.name == field.column)
        return model_code.rules(field).keys() <= there.arguments.keys()

    @cached_property
    def facets(self) -> tuple[Field, ...]:
        """The indexed texts, whose values a list offers to filter by."""
        return tuple(field for field in self.columns if field.type is Kind.STR and field.index)

    @cached_property
    def filters(self) -> tuple[Field, ...]:
        """The fields that a list can be filtered by: those with few values, then those with a range."""
        few = [f for f in self.fields if f in self.facets or f.type in {Kind.BOOL, Kind.ENUM, Kind.REF, Kind.MANY}]
        return (*few, *(field for field in self.columns if field.type in schema_code.RANGED))

    @cached_property
    def searched(self) -> tuple[Field, ...]:
        """The texts that a search looks through: those that are said to be searchable, or the title."""
        wanted = tuple(field for field in self.columns if field.searchable)
        return wanted or ((self.title,) if self.title else ())

    @cached_property
    def listed(self) -> tuple[Field, ...]:
        """The columns of a list: words before figures; long texts have no place there."""
        long = {Kind.TEXT, Kind.JSON, Kind.MANY, Kind.SECRET, Kind.VECTOR} | UPLOADS
        shown = [field for field in self.fields if field.type not in long and not field.hidden]
        return tuple(sorted(shown, key=lambda field: field.type not in model_code.TEXTS))

    @property
    def key_type(self) -> str:
        """The type of its own key: int or UUID."""
        return "UUID" if self.options.uuid else "int"

    def has_several(self, table: str) -> bool:
        """Whether more than one foreign key leads from its table to that one, or from there back to it."""
        tables = [parent.model.table for parent in self.parents] + ["users"] * self.options.owned
        others = {parent.model.name: parent.model for parent in self.parents}
        if self.options.owned and "User" in self.models:
            others["User"] = self.models["User"]
        there = [model for model in others.values() if table == model.table != self.names.table]
        back = [one.refers_to for model in there for one in model.attributes].count(self.names.table)
        return tables.count(table) + back > 1

    def is_later(self, name: str) -> bool:
        """Whether that model is not there yet when the class is made, which can then only name it in quotes."""
        known, own = self.models, self.names.class_name
        return name in known and definition_order.is_later(known[name], known.get(own), known)

    @property
    def owner_key_type(self) -> str:
        """The type of a user's key."""
        return self.models["User"].key_type if "User" in self.models else "int"

    @property
    def owner(self) -> tuple[str, ...]:
        """What a rule between rows begins with: the owner's column, if each has rows of their own."""
        return ("owner_id",) if self.options.owned else ()

    @cached_property
    def unique_columns(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each rule that no two rows are alike. Among an owner's rows, if each has their own."""
        together = ((*self.owner, *columns) for columns in self.options.uniques)
        return (*((*self.owner, field.column) for field in self.uniques), *together)

    @cached_property
    def index_columns(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each index: those of a list end with the key, which breaks ties."""
        lists = ((*self.owner, name, "id") for name in self.indexed)
        more = ((*self.owner, *columns) for columns in self.options.indexes)
        deleted = (("deleted_at", "id"),) if self.options.soft_delete else ()
        return tuple(dict.fromkeys((*lists, *more, *deleted)))

    @cached_property
    def uniques(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.unique)

    @cached_property
    def indexed(self) -> tuple[str, ...]:
        """The columns that have an index, each together with the key."""
        few = [field for field in self.filters if field in self.facets or field.type in {Kind.ENUM, Kind.REF}]
        more = [field for field in self.columns if field.index and field not in few and field not in self.sorts]
        names = (*self.sort_names, *(field.column for field in (*few, *more) if not field.unique))
        return tuple(dict.fromkeys(names))  # a title may have been given an index as well

    def enum(self, field: Field) -> str:
        """The name of the field's enum class: `BookStatus`; `BookReadChoice`, since there is a schema `BookRead`."""
        if field.type is not Kind.ENUM:
            return ""
        if self.existing:
            return next(one.annotation for one in self.existing.attributes if one.name == field.column)
        name = "".join(word.capitalize() for word in field.name.split("_"))
        return f"{self.names.class_name}{name}{'Choice' if name in _OTHER_CLASSES else ''}"

    def _with_key(self, field: Field) -> Field:
        """The field with the type of the key that it refers to."""
        if field.target in {"self", self.names.class_name}:
            return replace(field, target_key=self.key_type)
        model = self.models.get(field.target)
        return replace(field, target_key=model.key_type) if model else field

    def _link(self, field: Field) -> "Link":
        model = self._target(field)
        own, theirs = f"{self.names.singular}_id", f"{module_of(model.name)}_id"
        if own == theirs:
            theirs = f"other_{own}"
        several = sum(other.type is Kind.MANY and other.target == field.target for other in self.fields) > 1
        if several or model.name == self.names.class_name:
            class_name, table = class_name_of(singular_of(field.name)), field.name
        else:
            class_name, table = model.name, model.table
        return Link(field, model, self.names.class_name + class_name, f"{self.names.singular}_{table}", own, theirs)

    def _target(self, field: Field) -> Model:
        wanted = self.names.class_name if field.target == "self" else field.target
        if wanted == self.names.class_name:
            label = self.title.name if self.title else "id"
            return Model(wanted, self.names.table, (), label, next(iter(self.models.values())).path)
        if wanted not in self.models:
            known = ", ".join(sorted(name for name in self.models))
            raise InvalidName(f"{field.name}: the project has no model {wanted}.", f"It has: {known}.")
        return self.models[wanted]
