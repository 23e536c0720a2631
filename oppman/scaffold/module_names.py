"""What a file is called in an import, and what an import means by it."""

import ast


def module_name(path: str) -> str:
    """webapp.models.book, for webapp/models/book.py; the package's name for its `__init__.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def as_written(node: ast.ImportFrom) -> str:
    """The module that is imported from, with its dots."""
    return "." * node.level + (node.module or "")


def imported_from(node: ast.ImportFrom, path: str) -> str:
    """The module that the file at `path`, from the project's folder on, imports from, in full."""
    if not node.level:
        return node.module or ""
    around = path.split("/")[: -node.level]
    return ".".join([*around, *filter(None, [node.module])])
