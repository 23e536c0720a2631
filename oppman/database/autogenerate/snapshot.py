"""The schema that the migrations made, kept beside the project, so that the next comparison runs the new ones alone.

A snapshot belongs to the exact text of its revisions, of `env.py` and of what they import from the project, and to the
versions of everything that ran them. One that does not fit or is damaged is left alone, and the migrations run as if
there were none: removing the file costs time and nothing else.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.database.autogenerate import replay
from oppman.database.revisions import History, migrations_folder
from oppman.files import content
from oppman.project import Project

if TYPE_CHECKING:
    from sqlalchemy import Connection

FOLDER = Path(".oppman/database")

_IMPORT = re.compile(rb"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)
_ELSEWHERE = re.compile(rb"\b(?:open|read_text|read_bytes|exec|eval|__import__|import_module|environ|getenv)\b")
_LIBRARIES = {b"alembic", b"sqlalchemy", b"sqlmodel", b"pgvector"}


class DamagedSnapshot(Exception):
    """It fits by its name and could not be put into the database, which is no longer empty."""


@dataclass(frozen=True)
class Snapshots:
    """Those of one project. `naming` is the naming convention of its models, which names what a revision does not."""

    project: Project
    history: History
    naming: object

    def restore(self, connection: "Connection", target: str) -> tuple[str, bytes]:
        """Put one that leads to `target` into the empty database and return its revision and it; empty without one.

        Raises DamagedSnapshot.
        """
        path = self._path(connection)
        try:
            header, _, payload = content(path).partition(b"\n")
            found = json.loads(header)
            head = str(found["head"])
            fits = found["payload"] == _digest([payload]) and head in self.history.applied([target])
            fits = fits and found["made_of"] == self._made_of(head, connection)
        except (OSError, ValueError, TypeError, KeyError):
            return "", b""
        if not fits:
            return "", b""
        try:
            replay.restore(connection, payload)
            now = [row[0] for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version")]
            connection.commit()
        except Exception as problem:
            raise DamagedSnapshot from problem
        if now != [head]:
            raise DamagedSnapshot
        return head, payload

    def keep(self, connection: "Connection", head: str, payload: bytes | None) -> None:
        """Remember what the migrations up to `head` made; None is what cannot be kept."""
        made_of = self._made_of(head, connection)
        if payload is None or not made_of:
            return
        header = json.dumps({"head": head, "made_of": made_of, "payload": _digest([payload])})
        path = self._path(connection)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
            partial = path.with_suffix(".partial")
            partial.write_bytes(header.encode() + b"\n" + payload)
            partial.replace(path)

    def forget(self) -> None:
        """Remove all of them."""
        for path in (self.project.root / FOLDER).glob("*.schema"):
            path.unlink(missing_ok=True)

    def _path(self, connection: "Connection") -> Path:
        return self.project.root / FOLDER / f"{connection.dialect.name}.schema"

    def _made_of(self, head: str, connection: "Connection") -> str:
        """A digest of everything that decides what the migrations make; "" if they read what cannot be known."""
        names = self.history.applied([head])
        texts = [content(revision.path) for name, revision in self.history.revisions.items() if name in names]
        modules = sorted(_modules(self.project.root, texts))
        texts += [content(path) for path in modules]
        if head not in names or any(map(_ELSEWHERE.search, texts)):
            return ""
        libraries = [f"{name} {version(name)}" for name in ("oppman", "alembic", "sqlalchemy", "sqlmodel")]
        facts = [*libraries, sys.version, *replay.facts(connection), repr(self.naming), *names, *map(str, modules)]
        environment = content(migrations_folder(self.project) / "env.py")
        return _digest([*(fact.encode() for fact in sorted(facts)), environment, *texts])


def _digest(parts: Iterable[bytes]) -> str:
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _modules(root: Path, revisions: Iterable[bytes]) -> set[Path]:
    """The project's own files that revisions import, and those that these import."""
    found: set[Path] = set()
    waiting = [(text, root) for text in revisions if any(map(_is_own(root), _IMPORT.findall(text)))]
    while waiting:
        text, folder = waiting.pop()
        for path in _imported(root, folder, text):
            if path not in found:
                found.add(path)
                waiting.append((content(path), path.parent))
    return found


def _is_own(root: Path) -> Any:
    known: dict[bytes, bool] = dict.fromkeys(_LIBRARIES, False)

    def own(name: bytes) -> bool:
        top = name.partition(b".")[0]
        if top not in known:
            path = root / top.decode()
            known[top] = path.is_dir() or path.with_suffix(".py").is_file()
        return known[top]

    return own


def _imported(root: Path, folder: Path, text: bytes) -> Iterator[Path]:
    with suppress(SyntaxError):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield from _files(root, name.name.split("."))
            elif isinstance(node, ast.ImportFrom):
                start = root if not node.level else [folder, *folder.parents][node.level - 1]
                parts = (node.module or "").split(".") if node.module else []
                yield from _files(start, parts)
                for name in node.names:
                    yield from _files(start, [*parts, name.name])


def _files(start: Path, parts: list[str]) -> Iterator[Path]:
    """The files that importing a module runs: its packages' and its own."""
    place = start
    for part in parts:
        place = place / part
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path
