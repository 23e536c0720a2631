"""Python source that is laid out as a formatter would: generated code needs none."""

from collections.abc import Collection, Mapping, Sequence

from oppman.scaffold.insert import ImportNames
from oppman.scaffold.insert.python import WIDTH


def fit(before: str, items: Sequence[str], after: str, indent: int = 0) -> str:
    """`before`, the items with commas between, and `after`: on one line, else the items on one, else each on its own.

    The first line is not indented, as it stands where a stub puts it; `indent` is where that is.
    """
    joined = ", ".join(items)
    if indent + len(before + joined + after) <= WIDTH:
        return before + joined + after
    inner = " " * (indent + 4)
    if len(inner + joined) <= WIDTH and "\n" not in joined:
        return f"{before}\n{inner}{joined}\n{' ' * indent}{after}"
    return "\n".join([before, *(f"{inner}{item}," for item in items), " " * indent + after])


def attribute(name: str, kind: str, arguments: Mapping[str, str]) -> str:
    """The line of a class's attribute; `arguments` are those of `Field`, and a mere default stands by itself."""
    head = f"{name}: {kind}"
    if not arguments:
        return head
    if list(arguments) == ["default"]:
        return f"{head} = {arguments['default']}"
    return fit(f"{head} = Field(", [f"{key}={value}" for key, value in arguments.items()], ")", 4)


def import_lines(wanted: Mapping[str, Collection[str]]) -> list[str]:
    """`from module import names` for each module that has any, in the order and the blocks of ruff's isort rules."""
    source = ""
    for module, names in wanted.items():
        source = ImportNames(module, tuple(names)).apply(source) if names else source
    return source.splitlines()
