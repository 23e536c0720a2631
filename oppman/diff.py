"""Unified diffs."""

import re


def unified(before: str, after: str, old: str, new: str) -> str:
    """The diff that leads from one text to the other; `old` and `new` are the names in its head."""
    from difflib import unified_diff

    found = unified_diff(split_lines(before), split_lines(after), old, new)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)


def split_lines(text: str) -> list[str]:
    """The rows, each with its line end."""
    # Unlike str.splitlines, which also ends a line at a form feed and at \u2028.
    return re.findall(r"[^\n]*\n|[^\n]+", text)
