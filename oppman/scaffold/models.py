"""What the project's models say, read from their source: nothing of the app is imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from oppman.project import Project

_LABELS = ("name", "title", "label")


@dataclass(frozen=True)
class Model:
    """A class with a table, as its source has it."""

    name: str
    table: str
    columns: tuple[str, ...]
    """The annotated attributes, those of the bases first."""
    label: str
    """The column that names a row to a person; "id" if none does."""
    path: Path


def read_models(project: Project) -> dict[str, Model]:
    """The models by class name, from `webapp/models.py` or the modules of `webapp/models/`."""
    classes = {node.name: (node, path) for path in model_files(project) for node in _classes(path)}
    found = {}
    for name, (node, path) in classes.items():
        table = _table(node)
        if table:
            columns = tuple(_columns(name, classes))
            found[name] = Model(name, table, columns, _label(node, columns), path)
    return found


def model_files(project: Project) -> list[Path]:
    """The files that hold models: one, or those of a package."""
    single = project.root / "webapp" / "models.py"
    return [single] if single.is_file() else sorted((project.root / "webapp" / "models").glob("*.py"))


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node


def _table(node: ast.ClassDef) -> str:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(table))):
                return table
            case _:
                pass
    is_table = any(keyword.arg == "table" for keyword in node.keywords)
    return node.name.lower() if is_table else ""  # SQLModel's own rule


def _columns(name: str, classes: Mapping[str, tuple[ast.ClassDef, Path]]) -> Iterator[str]:
    if name not in classes:
        return
    node = classes[name][0]
    for base in node.bases:
        if isinstance(base, ast.Name):
            yield from _columns(base.id, classes)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=column), value=ast.Call(func=ast.Name(id="Relationship"))):
                del column
            case ast.AnnAssign(target=ast.Name(id=column)):
                yield column
            case _:
                pass


def _label(node: ast.ClassDef, columns: tuple[str, ...]) -> str:
    shown = [column for column in _LABELS if column in columns]
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name="__str__", body=[*_, ast.Return(value=ast.Attribute(attr=column))]):
                # A user names itself by its address, which is no name to show to everybody.
                return shown[0] if column == "email" and shown else column
            case _:
                pass
    return shown[0] if shown else "id"
