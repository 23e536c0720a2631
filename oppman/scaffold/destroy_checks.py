"""What keeps a slice from being taken out: a model that refers to its tables, a file that needs its code."""

import ast
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold.models import Model
from oppman.scaffold.module_names import imported_from, module_name

_FOREIGN = {".git", ".oppman", ".venv", "venv", "__pycache__", "node_modules", "backups"}


def refuse_referred(name: str, tables: Mapping[str, str], models: Mapping[str, Model], own: Collection[str]) -> None:
    """Raise Refused if another model has a foreign key to one of the `tables`, or a link table of another one has."""
    by_table = {model.table: model.name for model in models.values()}
    found: list[str] = []
    for model in models.values():
        keys = [one.refers_to for one in model.attributes if one.refers_to]
        if model.name in own or not set(keys) & set(tables):
            continue
        owners = [by_table[key] for key in keys if key not in tables and key in by_table]
        is_link = owners and all("primary_key" in one.arguments for one in model.attributes if one.refers_to)
        found.append(owners[0] if is_link and model.name.startswith(owners[0]) else model.name)
    if found:
        names = sorted(set(found))
        if mutual := [one for one in names if one in models and _refers(models[name], models[one].table)]:
            raise Refused(
                f"{mutual[0]} and {name} refer to each other.",
                "Take the field out of one of them first: `oppman scaffold undo` takes back the run that added it, "
                "`oppman scaffold history` lists the runs. Nothing was changed.",
            )
        raise Refused(
            f"{', '.join(names)} {'refers' if len(names) == 1 else 'refer'} to {name}.",
            f"Take {'it' if len(names) == 1 else 'them'} out first: "
            f"{', '.join(f'`oppman scaffold destroy {one}`' for one in names)}. Nothing was changed.",
        )


def _refers(model: Model, table: str) -> bool:
    return any(one.refers_to == table for one in model.attributes)


def refuse_used(project: Project, name: str, files: Collection[str], cuts: Mapping[str, str]) -> None:
    """Raise Refused if code that stays imports what goes with `files` and `cuts` (path and text without the slice)."""
    modules = set(map(module_name, files))
    names = {module_name(path): _lost_names(project.root, path, text)
             for path, text in cuts.items() if path.endswith(".py")}  # fmt: skip
    using: list[str] = []
    for path in _sources(project.root):
        where = path.relative_to(project.root).as_posix()
        if where in files or where.startswith("migrations/"):
            continue
        text = cuts.get(where) or path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".py" and _imports(text, where, modules, names):
            using.append(where)
        if path.suffix == ".html" and any(f'"{one.removeprefix("templates/")}"' in text for one in files):
            using.append(where)
    if using:
        raise Refused(
            f"{name} is still used: {', '.join(using)}.",
            "Remove what needs it there, or the file, and run the command again. Nothing was changed.",
        )


def links(project: Project, address: str, files: Collection[str], cuts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The templates that stay and the lines of them that link to `address`."""
    pattern = re.compile(rf"""["']{re.escape(address)}(?=["'/?#])""")
    for path in sorted((project.root / "templates").rglob("*.html")):
        where = path.relative_to(project.root).as_posix()
        if where not in files:
            text = cuts.get(where) or path.read_text(encoding="utf-8", errors="replace")
            if lines := [line.strip() for line in text.split("\n") if pattern.search(line)]:
                yield where, "\n".join(lines)


def _lost_names(root: Path, path: str, text: str) -> set[str]:
    before = (root / path).read_text(encoding="utf-8")
    lost = _defined(before) - _defined(text)
    # A package offers what its modules define.
    return lost | (_imported(before) - _imported(text)) if path.endswith("/__init__.py") else lost


def _imported(source: str) -> set[str]:
    imports = (node for node in ast.parse(source).body if isinstance(node, ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names}


def _defined(source: str) -> set[str]:
    return {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _sources(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - _FOREIGN)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith((".py", ".html")))


def _imports(source: str, path: str, modules: Collection[str], names: Mapping[str, Collection[str]]) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name in modules for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and (module := imported_from(node, path)):
            if module in modules:
                return True
            lost = names.get(module, ())
            if any(alias.name in lost or f"{module}.{alias.name}" in modules for alias in node.names):
                return True
    return False
