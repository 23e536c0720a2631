"""What a resource is called: its class, table, module, address and labels, all from one word.

The words that a name may not be stand at the end, each list with its reason.
"""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

from oppman.errors import InvalidName

if TYPE_CHECKING:
    from pluralizer import Pluralizer

SCHEMAS = ("Base", "Create", "Update", "Read", "Page", "Filters", "Query")
"""What the classes of a resource beside its model end with."""
LONGEST = 40  # PostgreSQL cuts a name at 63 characters, and a table's name is a part of its indexes' names


@dataclass(frozen=True)
class Names:
    """Every name of one resource. All but the labels follow from `class_name` and `plural`."""

    class_name: str
    """BookReview"""
    singular: str
    """book_review: a module, a variable, the first part of a permission."""
    plural: str
    """book_reviews; the same as `singular` for an uncountable word, such as news."""
    label: str
    """Book review"""
    plural_label: str
    """Book reviews"""

    @classmethod
    def of(cls, name: str, plural: str | None = None) -> Self:
        """The names for Book, book, BookReview, book_review or book-review. CamelCase is kept as it was typed.

        `plural` is for a word that the rules of English do not help with. InvalidName if `name` is not made of ASCII
        letters, digits, - and _, if it is too long, or if it is a plural itself and no `plural` says otherwise.
        """
        class_name = class_name_of(name)
        words = _words(class_name)
        several = _words(class_name_of(plural)) if plural is not None else [*words[:-1], _pluralized(words[-1])]
        if plural is None and (single := _singularized(words[-1])):
            fitting = "".join(word[:1].upper() + word[1:] for word in [*words[:-1], single])
            raise InvalidName(
                f"{name!r} is a plural, and a resource is named after one of its rows.",
                f"`{fitting}` would do. If it is the singular, say what several are called with --plural.",
            )
        return cls(class_name, _snake(words), _snake(several), _sentence(words), _sentence(several))

    @property
    def table(self) -> str:
        """book_reviews"""
        return self.plural

    @property
    def slug(self) -> str:
        """book-reviews, as it stands in an address."""
        return self.plural.replace("_", "-")

    @property
    def many(self) -> str:
        """A variable that holds several, never the same as `singular`: book_reviews, news_items."""
        return f"{self.plural}_items" if self.plural == self.singular else self.plural


def class_name_of(name: str) -> str:
    """BookReview for book_review, book-review and BookReview; InvalidName if that takes more than - and _ to see."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*", name):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        suggestion = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z][A-Za-z0-9]*", plain))
        raise InvalidName(
            f"{name!r} cannot name a resource: it takes ASCII letters and digits, begins with a letter, and has at "
            "most one - or _ between words.",
            f"`{suggestion[:LONGEST] or 'Book'}` would do.",
        )
    camel = name[0].isupper() and name.isalnum()
    class_name = name if camel else "".join(word[0].upper() + word[1:] for word in re.split("[-_]", name))
    if len(_snake(_words(class_name))) > LONGEST:
        raise InvalidName(
            f"{name!r} is longer than {LONGEST} characters, and databases cut the names that are made from it.",
            "Say it in fewer words, such as `BookReview`.",
        )
    return class_name


def module_of(class_name: str) -> str:
    """book_review for BookReview: the module of a class that is there already, whatever its name."""
    return _snake(_words(class_name))


def plural_of(name: str) -> str:
    """`book_categories` for `book_category`."""
    *rest, last = name.split("_")
    return "_".join([*rest, _pluralized(last)])


def singular_of(name: str) -> str:
    """`tag` for `tags`; a word that is no plural stays as it is."""
    *rest, last = name.split("_")
    return "_".join([*rest, _singularized(last) or last])


def check_name(names: Names, *, taken: Collection[str] = ()) -> None:
    """Raise InvalidName, with the reason and a better name, unless a resource can have these `names`.

    `taken` are the classes, tables, modules and addresses that the project has, in any order and any case.
    """
    reason = _reserved(names) or _claimed(names, taken)
    if not reason:
        return
    name = names.class_name
    for word in (*_BETTER.get(names.singular, ()), f"{name}Record", f"{name}Entry", f"Stored{name}"):
        if len(word) < LONGEST - 10 and not (_reserved(Names.of(word)) or _claimed(Names.of(word), taken)):
            raise InvalidName(reason, f"`{word}` would do.")
    raise InvalidName(reason, "Choose a more particular name.")


def attribute_problem(name: str) -> str:
    """Why a model cannot have an attribute of this name; "" if it can."""
    if keyword.iskeyword(name):
        return "is a keyword of Python"
    if name in ATTRIBUTES or name.startswith(("model_dump", "model_validate", "__")):
        return "is an attribute that every SQLModel has"
    return ""


def _reserved(names: Names) -> str:
    for name in (names.singular, names.plural):
        if reason := attribute_problem(name):
            return f"{names.class_name!r} cannot name a resource: {name!r} {reason}."
    for name in (names.class_name, names.singular, names.many):
        if name in BUILTINS:
            return f"{names.class_name!r} cannot name a resource: {name!r} is a builtin of Python, which it would hide."
    if names.class_name in IMPORTED:
        return f"{names.class_name!r} cannot name a resource: the web app's modules import another {names.class_name}."
    if names.table.startswith("sqlite_"):
        return f"{names.class_name!r} cannot name a resource: SQLite keeps tables called sqlite_... for itself."
    if names.table in SQL_WORDS:
        return f"{names.class_name!r} cannot name a resource: its table {names.table!r} is a reserved word of SQL."
    return ""


def _claimed(names: Names, taken: Collection[str]) -> str:
    lowered = {word.lower() for word in taken}
    for what, name in _claims(names):
        if name.lower() in lowered:
            return f"{names.class_name!r} is taken: the project has a {name!r} already, which would be its {what}."
    return ""


def _claims(names: Names) -> Iterator[tuple[str, str]]:
    yield "class", names.class_name
    yield "module", names.singular
    yield "module", f"models/{names.singular}"
    yield "table", names.table
    yield "address", names.slug
    yield "service", f"{names.singular}_service"
    yield "demo data", f"demo/{names.plural}"
    for schema in SCHEMAS:
        yield "schema", names.class_name + schema


def _words(class_name: str) -> list[str]:
    """Its words as they are written: HTMLPage2 is HTML and Page2."""
    return re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+[a-z0-9]*", class_name)


def _snake(words: list[str]) -> str:
    return "_".join(words).lower()


def _sentence(words: list[str]) -> str:
    """Words as a label; what is written in capitals (API) keeps them."""
    first, *rest = [word if len(word) > 1 and word[:2].isupper() else word.lower() for word in words]
    return " ".join([first[0].upper() + first[1:], *rest])


def _pluralized(word: str) -> str:
    plural = _english().plural(word.lower())
    # APIs and not APIS, which would be read as one more abbreviation.
    return word + plural[len(word) :] if plural.startswith(word.lower()) else plural


def _singularized(word: str) -> str:
    """The singular of a word that is a plural; "" for one that is not, or that is both."""
    singular = _english().singular(word.lower())
    is_plural = _english().plural(word.lower()) == word.lower() != singular
    return singular if is_plural and len(singular) > 2 else ""


@cache
def _english() -> "Pluralizer":
    from pluralizer import Pluralizer

    english = Pluralizer()  # type: ignore[no-untyped-call]
    for singular, plural in _IRREGULAR.items():
        english.add_irregular_rule(singular, plural)
    for word in _UNCOUNTABLE:
        english.add_uncountable_rule(word)
    return english


# Where the library is wrong, or old-fashioned (schemata, viri).
_IRREGULAR = {
    "axis": "axes", "basis": "bases", "bias": "biases", "lens": "lenses", "oasis": "oases", "schema": "schemas",
    "virus": "viruses",
}  # fmt: skip
_UNCOUNTABLE = ("data", "feedback", "goods", "logistics", "metadata", "money", "species")

_BETTER = {
    "class": ("Course", "Lesson"), "file": ("Document",), "filter": ("SavedFilter",), "form": ("Questionnaire",),
    "input": ("Entry",), "license": ("Permit",), "list": ("Listing",), "map": ("Chart",), "object": ("Item",),
    "page": ("Article", "WebPage"), "property": ("Estate",), "request": ("Inquiry",), "response": ("Reply",),
    "session": ("Sitting",), "set": ("Collection",), "type": ("Category",), "value": ("Measurement",),
}  # fmt: skip

BUILTINS = frozenset(dir(builtins)) | {"copyright", "credits", "exit", "help", "license", "quit"}
"""A variable or class of such a name hides the builtin, which linters refuse; the last few come from `site`."""

IMPORTED = frozenset(
    {
        "Admin", "Annotated", "Any", "AsyncSession", "AwareDatetime", "CheckConstraint", "ClassVar", "Column", "Date",
        "DateTime", "Decimal", "Depends", "Enum", "Error", "Exact", "Field", "File", "Form", "Index", "Input", "Key",
        "Keyset", "Literal", "Moment", "NotFound", "Output", "Page", "Path", "Query", "Recent", "Relationship",
        "Request", "Response", "Router", "Row", "SQLModel", "Select", "Self", "Session", "StrEnum", "String", "Text",
        "Timestamped", "UTCDateTime", "UUID", "UniqueConstraint", "UploadFile", "Vector", "View",
    }
)  # fmt: skip
"""Classes that a slice's modules import, from the web app or from its packages."""

ATTRIBUTES = frozenset(
    {
        "construct", "copy", "dict", "from_orm", "json", "metadata", "model_computed_fields", "model_config",
        "model_construct", "model_copy", "model_extra", "model_fields", "model_fields_set", "model_json_schema",
        "model_parametrized_name", "model_post_init", "model_rebuild", "parse_file", "parse_obj", "parse_raw", "query",
        "registry", "schema", "schema_json", "sqlmodel_update", "update_forward_refs", "validate",
    }
)  # fmt: skip
"""What Pydantic, SQLModel and SQLAlchemy keep on a model."""

SQL_WORDS = frozenset(
    """
    add all alter analyse analyze and any array as asc asymmetric authorization autoincrement between binary both case
    cast check collate collation column commit concurrently constraint create cross current_catalog current_date
    current_role current_schema current_time current_timestamp current_user default deferrable delete desc distinct do
    drop else end escape except exists false fetch for foreign freeze from full grant group having if ilike in index
    initially inner insert intersect into is isnull join lateral leading left like limit localtime localtimestamp
    natural not nothing notnull null offset on only or order outer overlaps placing primary raise references returning
    right select session_user set similar some symmetric system_user table tablesample then to trailing transaction
    true union unique update user using values variadic verbose when where window with
    """.split()  # noqa: SIM905
)
"""Reserved in SQLite or PostgreSQL 18: SQL by hand needs quotes for them, and `SELECT user` answers something else."""
