"""The project's `.env`: reading it, fresh secrets, and adding what is missing without changing what is there."""

import os
import re
from collections.abc import Mapping
from pathlib import Path


def fresh_secrets() -> dict[str, str]:
    """New random secrets by their names in `.env`; 384 bits each, in characters that need no quotes."""
    import secrets

    return {"SECRET_KEY": secrets.token_urlsafe(48)}


def write_missing(path: Path, values: Mapping[str, str]) -> list[str]:
    """Set those `values` whose names have no value in `path` and return their names.

    The file is created, readable by its owner alone, if it is missing. A name that has a value keeps it; an empty one
    (`SECRET_KEY=`, as in a copied example) is filled in where it stands, and the others are appended.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    present = read(path)
    missing = {name: value for name, value in values.items() if not present.get(name)}
    if missing:
        for name, value in missing.items():
            line = f"{name}={value}"
            empty = rf"""^[^\S\n]*(?:export\s+)?{name}[^\S\n]*=[^\S\n]*(?:""|'')?[^\S\n]*(?:#.*)?$"""
            if re.search(empty, text, re.MULTILINE):
                text = re.sub(empty, line, text, flags=re.MULTILINE)
            else:
                text += ("" if not text or text.endswith("\n") else "\n") + f"{line}\n"
        if not path.exists():
            path.touch(mode=0o600)
        temporary = path.with_name(f"{path.name}.new")
        temporary.touch(mode=0o600)
        temporary.write_text(text, encoding="utf-8")
        if os.name == "posix":
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    return list(missing)


def read(path: Path) -> dict[str, str]:
    """The variables that `path` sets; none if there is no such file. Nothing is expanded."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {name: _value(raw) for name, raw in re.findall(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$", text, re.M)}


def _value(raw: str) -> str:
    raw = raw.strip()
    if quoted := re.match(r"""(["'])(.*?)(?<!\\)\1""", raw):
        return quoted[2]
    return re.split(r"(?:^|\s)#", raw, maxsplit=1)[0].rstrip()
