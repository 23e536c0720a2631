"""A folder of generated files: written only where it is ours, compared byte for byte, nothing stale left behind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from oppman.errors import Refused

MARKER = ".oppman-docs"

Parts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Change:
    """What was done, or is due, with one file: `verb` is create, update, identical or remove."""

    verb: str
    name: str


def write(folder: Path, parts: Parts, *, force: bool = False) -> list[Change]:
    """Make the files of `parts` (part -> name -> text) what they should be, and remove what a part no longer has.

    Parts that are not given stay as they are. Raises Refused, with nothing touched, if `folder` holds something and
    was not made here, unless `force` is given; even then only files of the same names are overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is not a folder.", "Choose another with --output.")
    if not force and not (folder / MARKER).is_file() and folder.is_dir() and any(folder.iterdir()):
        raise Refused(
            f"{folder} is not empty, and `oppman docs export` did not make it.",
            "Choose another folder with --output, or write into this one with --force.",
        )
    known, changes = _known(folder), compare(folder, parts)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {name: text for files in parts.values() for name, text in files.items()}
    for change in changes:
        if change.verb == "remove":
            (folder / change.name).unlink()
        elif change.verb != "identical":
            (folder / change.name).write_bytes(texts[change.name].encode())
    marker = {part: sorted(files) for part, files in sorted({**known, **parts}.items())}
    (folder / MARKER).write_bytes((json.dumps({"oppman docs export": marker}, indent=2) + "\n").encode())
    return changes


def compare(folder: Path, parts: Parts) -> list[Change]:
    """What `write` would do. Line ends do not count: a checkout on Windows may have turned them."""
    texts = {name: text for files in parts.values() for name, text in files.items()}
    changes = []
    for name, text in sorted(texts.items()):
        path = folder / name
        there = path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else None
        verb = "create" if there is None else "identical" if there == text.encode() else "update"
        changes.append(Change(verb, name))
    known = _known(folder)
    gone = {name for part in parts for name in known.get(part, [])} - set(texts)
    return changes + [Change("remove", name) for name in sorted(gone) if (folder / name).is_file()]


def _known(folder: Path) -> dict[str, list[str]]:
    """What the marker says was written here, by part; names that lead out of the folder are not believed."""
    try:
        listed = json.loads((folder / MARKER).read_bytes())["oppman docs export"]
        return {part: [name for name in names if Path(name).name == name] for part, names in listed.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}
