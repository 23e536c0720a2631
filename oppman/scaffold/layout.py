"""Python source that is laid out as a formatter would: generated code needs none."""

import sys
from collections.abc import Collection, Mapping, Sequence

WIDTH = 120


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


def import_lines(wanted: Mapping[str, Collection[str]]) -> list[str]:
    """`from module import names` for each module that has any, sorted and in blocks, as ruff's isort rules want it."""
    blocks: dict[int, list[str]] = {}
    for module in sorted(module for module, names in wanted.items() if names):
        names = sorted(set(wanted[module]), key=_member_order)
        lines = fit(f"from {module} import ", names, "")
        if "\n" in lines:
            lines = "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
        blocks.setdefault(_section(module), []).append(lines)
    return [line for index, key in enumerate(sorted(blocks)) for line in ([""] if index else []) + blocks[key]]


def _section(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 2 if top == "webapp" else 1


def _member_order(name: str) -> tuple[int, str]:
    plain = name.partition(" ")[0]
    return (0 if plain.isupper() and len(plain) > 1 else 1 if plain[0].isupper() else 2), plain
