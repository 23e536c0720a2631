"""What the project's models say, read from their source: nothing of the app is imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from oppman.project import Project

_LABELS = ("name", "title", "label")


@dataclass(frozen=True)
class Attribute:
    """A column as the model's class has it, in the words of the source."""

    name: str
    annotation: str
    """Without the `| None` of one that may be empty."""
    optional: bool
    default: str
    """"" if a value has to be given."""
    arguments: Mapping[str, str]
    """Those of `Field`, the default left out."""

    @property
    def refers_to(self) -> str:
        """The table that it is a foreign key to; "" if it is none."""
        return self.arguments.get("foreign_key", "").strip("'\"").partition(".")[0]


@dataclass(frozen=True)
class Model:
    """A class with a table, as its source has it."""

    name: str
    table: str
    attributes: tuple[Attribute, ...]
    """The annotated attributes, those of the bases first."""
    label: str
    """The column that names a row to a person; "id" if none does."""
    path: Path
    uniques: frozenset[str] = frozenset()
    """The columns that are unique by themselves."""
    indexes: frozenset[str] = frozenset()
    """The columns that an index begins with."""
    choices: Mapping[str, tuple[str, ...]] | None = None
    """The values of each enum of the project's models."""
    about: str = ""
    """The first line of its docstring."""
    base: frozenset[str] | None = None
    """The columns that it has from its NoteBase, which the schemas share; None if there is no such class."""
    relations: frozenset[str] = frozenset()
    """Its relationships."""
    uniques_together: tuple[tuple[str, ...], ...] = ()
    """The columns of each unique constraint of several."""
    has_str: bool = False
    """Whether it says of itself what it is called."""
    row: int = 0
    """Where its class begins in the file."""

    @property
    def root(self) -> Path:
        """The project's folder: a model is in webapp/models.py or in a module of webapp/models/."""
        return next(folder.parent for folder in self.path.parents if folder.name == "webapp")

    @property
    def key_type(self) -> str:
        """The type of the key: int or UUID."""
        return next((one.annotation for one in self.attributes if one.name == "id"), "int")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in self.attributes)


def read_models(project: Project) -> dict[str, Model]:
    """The models by class name, from `webapp/models.py` or the modules of `webapp/models/`."""
    classes = {node.name: (node, path) for path in model_files(project) for node in classes_of(path)}
    choices = {name: _choices(node) for name, (node, _) in classes.items() if _bases(node) & {"StrEnum"}}
    found = {}
    for name, (node, path) in classes.items():
        if table := _table(node):
            attributes = tuple(_attributes(name, classes))
            columns = tuple(attribute.name for attribute in attributes)
            uniques, indexes = _constraints(node)
            found[name] = Model(
                name, table, attributes, _label(node, columns), path,
                uniques | {one.name for one in attributes if one.arguments.get("unique") == "True"}, indexes, choices,
                (ast.get_docstring(node) or "").partition("\n")[0], _base(node, classes), _relations(node),
                tuple(_uniques_together(node)), any(getattr(one, "name", "") == "__str__" for one in node.body),
                node.lineno,
            )  # fmt: skip
    return found


def model_files(project: Project) -> list[Path]:
    """The files that hold models: one, or those of a package."""
    single, package = project.root / "webapp" / "models.py", project.root / "webapp" / "models"
    # Where both are, Python takes the package.
    is_single = single.is_file() and not (package / "__init__.py").is_file()
    return [single] if is_single else sorted(package.rglob("*.py"))


def classes_of(path: Path) -> Iterator[ast.ClassDef]:
    """The classes at the top level of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _table(node: ast.ClassDef) -> str:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(table))):
                return table
            case _:
                pass
    is_table = any(keyword.arg == "table" for keyword in node.keywords)
    return node.name.lower() if is_table else ""  # SQLModel's own rule


def _attributes(name: str, classes: Mapping[str, tuple[ast.ClassDef, Path]]) -> Iterator[Attribute]:
    if name not in classes:
        return
    node = classes[name][0]
    for base in node.bases:
        if isinstance(base, ast.Name):
            yield from _attributes(base.id, classes)
    for statement in node.body:
        match statement:
            case ast.AnnAssign(annotation=ast.Subscript(value=ast.Name(id="ClassVar"))):
                pass
            case ast.AnnAssign(value=ast.Call(func=ast.Name(id="Relationship"))):
                pass
            case ast.AnnAssign(target=ast.Name(id=column), annotation=annotation, value=value):
                yield _attribute(column, annotation, value)
            case _:
                pass


def _attribute(name: str, annotation: ast.expr, value: ast.expr | None) -> Attribute:
    match annotation:
        case ast.BinOp(left=plain, op=ast.BitOr(), right=ast.Constant(value=None)):
            pass
        case ast.Subscript(value=ast.Name(id="Optional"), slice=plain):
            pass
        case plain:
            pass
    arguments: dict[str, str] = {}
    default = ast.unparse(value) if value else ""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Field":
        arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in value.keywords if keyword.arg}
        default = arguments.pop("default", "")
        default = default or (f"{arguments['default_factory']}()" if "default_factory" in arguments else "")
    return Attribute(name, ast.unparse(plain), plain is not annotation, default, arguments)


def _choices(node: ast.ClassDef) -> tuple[str, ...]:
    values = (statement.value for statement in node.body if isinstance(statement, ast.Assign))
    return tuple(str(value.value) for value in values if isinstance(value, ast.Constant))


def _base(node: ast.ClassDef, classes: Mapping[str, tuple[ast.ClassDef, Path]]) -> frozenset[str] | None:
    name = f"{node.name}Base"
    if name not in _bases(node) or name not in classes:
        return None
    return frozenset(attribute.name for attribute in _attributes(name, classes))


def _relations(node: ast.ClassDef) -> frozenset[str]:
    found = set()
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="Relationship"))):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def _uniques_together(node: ast.ClassDef) -> Iterator[tuple[str, ...]]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__table_args__")], value=ast.Tuple(elts=elements)):
                for element in elements:
                    match element:
                        case ast.Call(func=ast.Name(id="UniqueConstraint"), args=[_, _, *_] as columns):
                            yield tuple(str(one.value) for one in columns if isinstance(one, ast.Constant))
                        case _:
                            pass
            case _:
                pass


def _constraints(node: ast.ClassDef) -> tuple[frozenset[str], frozenset[str]]:
    """The columns that are unique by themselves, and those that an index begins with."""
    uniques, indexes = set(), set()
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__table_args__")], value=ast.Tuple(elts=elements)):
                for element in elements:
                    match element:
                        case ast.Call(func=ast.Name(id="UniqueConstraint"), args=[ast.Constant(value=str(column))]):
                            uniques.add(column)
                        case ast.Call(func=ast.Name(id="Index"), args=[_, ast.Constant(value=str(column)), *_]):
                            indexes.add(column)
                        case _:
                            pass
            case _:
                pass
    return frozenset(uniques), frozenset(indexes)


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
