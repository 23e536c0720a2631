"""What the project's models say, read from their source: nothing of the app is imported."""

import ast
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from oppman.project import Project
from oppman.scaffold.insert.outline import Outline, Statement, outline

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
    """The values of each enum that one of its columns has."""
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


_Value = TypeVar("_Value")


class _WhenAsked(Mapping[str, _Value]):
    """Values by name, each read when it is asked for: there may be hundreds of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._known: dict[str, _Value] = {}

    def __getitem__(self, name: str) -> _Value:
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @abstractmethod
    def _read(self, name: str) -> _Value:
        """The value. Raises KeyError if there is none."""


class Models(_WhenAsked[Model]):
    """The models of a project by class name."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._classes = _Classes(files)
        self.tables = {name: table for name in self._classes if (table := self._table(name))}
        """The table of each of them."""
        super().__init__(self.tables)

    def _table(self, name: str) -> str:
        source = self._classes.source(name)
        if "table" not in source:
            return ""
        said = re.search(r"""^ {4}__tablename__ = ["'](\w+)["']$""", source, re.MULTILINE)
        return said[1] if said else _table(self._classes[name])

    def _read(self, name: str) -> Model:
        table, node = self.tables[name], self._classes[name]
        attributes = tuple(_attributes(name, self._classes))
        columns = tuple(attribute.name for attribute in attributes)
        uniques, indexes = _constraints(node)
        enums = {one.annotation: self._classes[one.annotation] for one in attributes if one.annotation in self._classes}
        return Model(
            name, table, attributes, _label(node, columns), self._classes.path(name),
            uniques | {one.name for one in attributes if one.arguments.get("unique") == "True"}, indexes,
            {enum: _choices(its) for enum, its in enums.items() if "StrEnum" in _bases(its)},
            (ast.get_docstring(node) or "").partition("\n")[0], _base(node, self._classes),
            _relations(node), tuple(_uniques_together(node)),
            any(getattr(one, "name", "") == "__str__" for one in node.body), node.lineno,
        )  # fmt: skip


class _Classes(_WhenAsked[ast.ClassDef]):
    """The classes at the top level of the files of the models."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._places: dict[str, tuple[Path, Outline, Statement]] = {}
        for path in files:
            module = outline(path.read_text(encoding="utf-8"))
            for one in module.statements:
                if one.kind == "class":
                    self._places[one.name] = path, module, one
        super().__init__(self._places)

    def _read(self, name: str) -> ast.ClassDef:
        _, module, statement = self._places[name]
        node = module.node(statement)
        if not isinstance(node, ast.ClassDef):
            raise KeyError(name)
        return node

    def path(self, name: str) -> Path:
        return self._places[name][0]

    def source(self, name: str) -> str:
        _, module, statement = self._places[name]
        return "\n".join(module.rows[statement.first : statement.last])


def read_models(project: Project) -> Models:
    """The models by class name, from `webapp/models.py` or the modules of `webapp/models/`.

    Raises SyntaxError or ValueError if one of them is no Python.
    """
    return Models(model_files(project))


def model_files(project: Project) -> list[Path]:
    """The files that hold models: one, or those of a package."""
    single, package = project.root / "webapp" / "models.py", project.root / "webapp" / "models"
    # Where both are, Python takes the package.
    is_single = single.is_file() and not (package / "__init__.py").is_file()
    return [single] if is_single else sorted(package.rglob("*.py"))


def classes_of(path: Path) -> Iterator[ast.ClassDef]:
    """The classes at the top level of a module."""
    yield from _Classes([path]).values()


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


def _attributes(name: str, classes: Mapping[str, ast.ClassDef]) -> Iterator[Attribute]:
    if name not in classes:
        return
    node = classes[name]
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


def _base(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> frozenset[str] | None:
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
