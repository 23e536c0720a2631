"""The starter's models as their owner may have split them: a package with a module for each part of the story."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from command_line import python

MODULES: Mapping[str, tuple[str, ...]] = {
    "base": ("_EAGER_ONLY", "_text_enum", "Timestamped"),
    "user": ("UserRole", "RoleBase", "Role", "UserBase", "User", "AuditEntry"),
    "product": ("ProductBase", "Product", "ProductVector"),
    "webinar": ("WebinarBase", "Webinar", "WebinarVector", "RegistrationStatus", "RegistrationBase", "Registration"),
    "batch": ("DemoBatch",),
}
"""What goes where; modules of which nothing is left are not made."""


def split(root: Path, modules: Mapping[str, tuple[str, ...]] = MODULES, *, aliases: bool = False) -> None:
    """Make a package of the models of the project at `root`, with an `__all__` or, with `aliases`, `Name as Name`."""
    single, folder = root / "webapp/models.py", root / "webapp/models"
    source = single.read_text(encoding="utf-8")
    parts = _definitions(source)
    imports = [ast.unparse(node) for node in ast.parse(source).body if isinstance(node, ast.ImportFrom)]
    folder.mkdir()
    offered: dict[str, list[str]] = {}
    for module, names in modules.items():
        own = [name for name in names if name in parts]
        if not own:
            continue
        text = "\n\n\n".join(parts[name] for name in own)
        others = {name: other for other, theirs in modules.items() for name in theirs if other != module}
        needed = [
            f"from webapp.models.{other} import {name}"
            for name, other in others.items()
            if re.search(rf"\b{name}\b", text)
        ]
        head = "\n".join([f'"""The models: {module}."""', "", *imports, *needed])
        (folder / f"{module}.py").write_text(f"{head}\n\n{text}\n", encoding="utf-8")
        offered[module] = [name for name in own if not name.startswith("_")]
    (folder / "__init__.py").write_text(_init(offered, aliases=aliases), encoding="utf-8")
    single.unlink()
    python(root, "ruff", "check", "--no-cache", "-q", "--fix-only", "--select", "F401,I,RUF022", "webapp/models")
    python(root, "ruff", "format", "--no-cache", "-q", "webapp/models")


def _definitions(source: str) -> dict[str, str]:
    """The text of what a name is given at the top level, with a comment behind it."""
    rows = source.split("\n")
    found = {}
    for node in ast.parse(source).body:
        name = node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else ""
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        if name:
            found[name] = "\n".join(rows[node.lineno - 1 : node.end_lineno])
    return found


def _init(offered: Mapping[str, list[str]], *, aliases: bool) -> str:
    names = [name for theirs in offered.values() for name in theirs]
    if aliases:
        imports = [f"from webapp.models.{module} import {name} as {name}"
                   for module, theirs in offered.items() for name in theirs]  # fmt: skip
    else:
        imports = [f"from webapp.models.{module} import {', '.join(theirs)}" for module, theirs in offered.items()]
    rows = ['"""The story of the app."""', "", "from sqlmodel import SQLModel", *imports, ""]
    rows += [] if aliases else [f"__all__ = {[*names, 'metadata']!r}", ""]
    return "\n".join([*rows, "metadata = SQLModel.metadata", ""])
