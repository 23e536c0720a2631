"""An attribute of a class that exists, such as a field of a model."""

import ast
from dataclasses import dataclass
from textwrap import indent

from oppman.scaffold.insert.python import find
from oppman.scaffold.insert.source_edit import SourceEdit


@dataclass(frozen=True)
class ClassAttribute(SourceEdit):
    """The source of one assignment, in the body of a class: `pages: int = Field(ge=0)`.

    It comes after the attribute `after`; without that, after the last field (a relationship: after the last
    relationship). An attribute that its owner has changed, be it by a comment, is not taken back.
    """

    class_name: str
    source: str
    after: str | None = None

    def apply(self, source: str) -> str:
        python = self._read(source)
        owner = python.find(self.class_name)
        if not isinstance(owner, ast.ClassDef):
            raise self._failure(f"There is no class {self.class_name}.")
        if self._is(find(owner.body, self.name), f"{self.class_name}.{self.name}"):
            return source
        if not python.stands_alone(owner.body[0]):
            raise self._failure(f"The body of {self.class_name} shares a row with its head.")
        lines = indent(self.source.strip("\n"), " " * owner.body[0].col_offset).split("\n")
        if len(owner.body) == 1 and isinstance(owner.body[0], ast.Pass):
            first, last = python.rows_of(owner.body[0])
            return python.replace(first, last, *lines)
        anchor = self._anchor(owner.body)
        if anchor is None:
            first = python.with_comments(python.rows_of(owner.body[0])[0])
            return python.put(first, *lines, "")
        is_near = isinstance(anchor, ast.AnnAssign) and _is_relationship(anchor) == _is_relationship(self._node)
        return python.put(python.rows_of(anchor)[1], *[""] * (not is_near), *lines)

    def take_back(self, source: str) -> str:
        python = self._read(source)
        owner = python.find(self.class_name)
        there = find(owner.body, self.name) if isinstance(owner, ast.ClassDef) else None
        if not isinstance(owner, ast.ClassDef) or there is None or not python.says(there, self.source):
            return source
        first, last = python.rows_of(there)
        if owner.body == [there]:
            return python.replace(first, last, f"{' ' * there.col_offset}pass")
        return python.cut(first, last, 0 if there is owner.body[0] and python.blank(last, 1) else None)

    def _anchor(self, body: list[ast.stmt]) -> ast.stmt | None:
        """The statement to come after; None for in front of all."""
        if self.after is not None and (named := find(body, self.after)):
            return named
        annotated = [node for node in body if isinstance(node, ast.AnnAssign)]
        fields = [node for node in annotated if not _is_relationship(node) and not _is_class_variable(node)]
        groups: list[list[ast.AnnAssign]] = [fields, annotated]
        if _is_relationship(self._node):
            groups.insert(0, [node for node in annotated if _is_relationship(node)])
        for group in groups:
            if group:
                return group[-1]
        plain = [node for node in body if isinstance(node, ast.Assign)]
        if plain:
            return plain[-1]
        return body[0] if isinstance(body[0], ast.Expr) else None

    @property
    def _where(self) -> str:
        return f"in the class {self.class_name}"


def _is_relationship(node: ast.stmt) -> bool:
    match node:
        case ast.AnnAssign(value=ast.Call(func=ast.Name(id="Relationship"))):
            return True
    return False


def _is_class_variable(node: ast.AnnAssign) -> bool:
    return ast.unparse(node.annotation).removeprefix("typing.").startswith("ClassVar")
