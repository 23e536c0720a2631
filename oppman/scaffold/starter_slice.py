"""What belongs to a slice that the starter comes with, in a project whose files may have changed since."""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from oppman.project import Project
from oppman.scaffold.insert.outline import binds
from oppman.scaffold.insert.python import comments
from oppman.scaffold.minimal import SLICES, belongs_to_a_slice, mentions, overlay, without_slices
from oppman.scaffold.model_home import MODULE
from oppman.scaffold.model_package import is_empty
from oppman.scaffold.models import Model, model_files
from oppman.scaffold.naming import module_of
from oppman.scaffold.plan import Text, read
from oppman.scaffold.slice_parts import Parts
from oppman.scaffold.starter import starter_files, starter_root


def parts(project: Project, class_name: str, models: Mapping[str, Model]) -> Parts:
    """What there is of the slice: files that its words name, and those of the starter that speak of it."""
    words = SLICES[class_name]
    before = tuple(name for name in SLICES if name not in models)
    files: list[str] = []
    cuts: dict[str, str] = {}
    edited: list[str] = []
    leftovers: list[tuple[str, str]] = []
    for place, name in starter_files():
        content = read(project.root, name)
        if content is None or name.startswith("migrations/"):
            continue
        ours = place.read_bytes()
        if belongs_to_a_slice(name, words):
            files.append(name)
            if not any(_alike(content, text) for text in _variants(name, ours, before)):
                edited.append(name)
            continue
        if other := overlay(name, (*before, class_name)):
            there = (overlay(name, before) or place).read_bytes()
            if _alike(content, there):
                cuts[name] = other.read_text(encoding="utf-8")
            else:
                leftovers.append((name, "\n".join(_speaking(content, words))))
            continue
        if not name.endswith(".py") or not mentions(content.decode("utf-8", "replace"), words):
            continue
        try:
            source = Text.of(content).source
            left = without_slices(name, source, words)
        except (SyntaxError, ValueError):
            leftovers.append((name, "\n".join(_speaking(content, words))))
            continue
        if left is None:
            files.append(name)
        elif left != source:
            cuts[name] = left
        as_it_came = any(_alike(content, text) for text in _variants(name, ours, before))
        if not as_it_came and _loses_more(source, left or "", Text.of(ours).source, words):
            edited.append(name)
    more, less, lost = _in_a_package(project, words)
    own = frozenset(name for name in models if module_of(name) in words)
    return Parts(own, (*more, *files), less | cuts, (*lost, *edited), tuple(leftovers), from_starter=True)


def _in_a_package(project: Project, words: Sequence[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """The files, cuts and edited files of a package of models, which the starter has in one module."""
    files: list[str] = []
    cuts: dict[str, str] = {}
    edited: list[str] = []
    ours = (starter_root() / MODULE).read_text(encoding="utf-8")
    for path in model_files(project):
        name = path.relative_to(project.root).as_posix()
        source = Text.of(read(project.root, name) or b"").source
        left = source if name == MODULE else without_slices(name, source, words) or ""
        if left == source:
            continue
        if is_empty(left) and not name.endswith("/__init__.py"):
            files.append(name)
        else:
            cuts[name] = left
        if _loses_other_definitions(source, left, ours):
            edited.append(name)
    return files, cuts, edited


def _loses_other_definitions(source: str, left: str, ours: str) -> bool:
    """Whether a definition goes, or changes, that is not word for word the starter's; a list of names is none."""
    before, after, known = (_definitions(text) for text in (source, left, ours))
    gone = (name for name in before if before[name] != after.get(name) and name != "__all__")
    return any(before[name] != known.get(name) for name in gone)


def _definitions(source: str) -> dict[str, tuple[str, list[str]]]:
    """What each name is given, and the comments in it."""
    return {
        binds(node): (ast.dump(node), comments(ast.get_source_segment(source, node) or ""))
        for node in ast.parse(source).body if binds(node)
    }  # fmt: skip


def _variants(name: str, ours: bytes, gone: Collection[str]) -> Iterator[bytes]:
    """The starter's file, and as it is after other slices have gone."""
    yield ours
    if gone and name.endswith(".py"):
        words = [word for one in gone for word in SLICES[one]]
        yield (without_slices(name, ours.decode("utf-8"), words) or "").encode()


def _alike(one: bytes, other: bytes) -> bool:
    """Whether both say the same, however they are laid out."""
    return re.sub(rb"[\s,()]+", b"", one) == re.sub(rb"[\s,()]+", b"", other)


def _speaking(content: bytes, words: Sequence[str]) -> Iterator[str]:
    for line in content.decode("utf-8", "replace").splitlines():
        if mentions(line, words):
            yield line.strip()


def _loses_more(source: str, left: str, ours: str, words: Sequence[str]) -> bool:
    """Whether the cut takes words out that neither speak of the slice in the starter nor are a mere import."""
    own = {row.strip() for row in ours.split("\n")}
    usual = set(_words([row for row in own if mentions(row, words)])) | set(_imported(source))
    rows, after = source.split("\n"), left.split("\n")
    for tag, start, stop, new_start, new_stop in SequenceMatcher(None, rows, after, autojunk=False).get_opcodes():
        if tag in {"delete", "replace"}:
            lost = Counter(_words([row for row in rows[start:stop] if row.strip() not in own]))
            lost -= Counter(_words(after[new_start:new_stop]))
            if not usual.issuperset(lost):
                return True
    return False


def _imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _words(rows: Sequence[str]) -> Iterator[str]:
    for row in rows:
        yield from re.findall(r"\w+", row)
