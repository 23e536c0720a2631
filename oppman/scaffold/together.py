"""Several fields that are unique together, or have an index together, as `--unique` and `--index` name them."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from oppman.errors import UsageError
from oppman.scaffold.fields import Field
from oppman.scaffold.kinds import Kind

UNFIT = {
    Kind.TEXT: "a long text does not fit in an index; a str does",
    Kind.JSON: "nobody looks rows up by JSON",
    Kind.SECRET: "of a secret only a hash is stored",
    Kind.MANY: "what it has many of stands in another table",
    Kind.FILE: "a file is no value to compare",
    Kind.IMAGE: "a picture is no value to compare",
    Kind.VECTOR: "an embedding is no value to compare",
}
"""Kinds that stand in no index, each with the reason."""

STAMPS = ("created_at", "updated_at")
"""Columns that an index can have beside those of the fields."""


def together(option: str, said: Iterable[Sequence[str]], fields: Sequence[Field]) -> tuple[tuple[str, ...], ...]:
    """The columns for the names of fields, or of their columns: `author` is `author_id`.

    `option` is where they were said, `--unique` or `--index`. Raises UsageError for a name that no field has, for a
    field that stands in no index, and for what does not take several.
    """
    known = {name: field for field in fields for name in (field.name, field.column) if name}
    stamps = STAMPS if option == "--index" else ()
    found = [tuple(_column(option, name, known, stamps) for name in names) for names in said]
    for columns in found:
        if not columns:
            raise UsageError(f"{option} names no field.", f"As in {option} a,b.")
        words = ",".join(columns)
        if len(set(columns)) < len(columns):
            raise UsageError(f"{option} {words} names a field twice.", "Name each once.")
        if len(columns) < 2:
            raise UsageError(
                f"{option} {words} names one field, and is for several together.",
                f"One field says so itself: `{columns[0]}:...:{option.strip('-')}`; or name more, as in {option} a,b.",
            )
        if found.count(columns) > 1:
            raise UsageError(f"{option} {words} is said twice.", "Say it once.")
    return tuple(found)


def _column(option: str, name: str, known: dict[str, Field], stamps: Sequence[str]) -> str:
    if name in stamps:
        return name
    field = known.get(name)
    if field is None:
        near = next(iter(get_close_matches(name, [*known, *stamps], n=1)), "")
        names = ", ".join(dict.fromkeys([*(each.name for each in known.values()), *stamps]))
        raise UsageError(
            f"{option}: there is no field {name!r}.", f"`{near}` is one." if near else f"There are {names}."
        )
    if reason := UNFIT.get(field.type, ""):
        raise UsageError(f"{option}: {field.name} cannot be a part of it: {reason}.", "Leave it out.")
    if option == "--unique" and field.type is Kind.FLOAT:
        raise UsageError(f"{option}: {field.name} is a float, and floats are seldom exactly equal.", "Take a decimal.")
    return field.column
