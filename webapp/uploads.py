"""Uploaded files: each lies in the upload folder for as long as a row names it.

A row holds a name of at most 100 characters: 32 that nobody can guess and, for a file, what its sender calls it. Only
those 32 reach the file system. What is stored in a transaction goes if that is not committed; what a row names no
longer goes once it is.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from webapp.errors import Invalid, NotFound
from webapp.images import small_jpeg
from webapp.settings import get_settings

MAX_FILE_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 100

_KEY = re.compile(r"([0-9a-f]{32})(?:(\.jpg)|-(.+))")
_NOT_IN_A_NAME = re.compile(r'[<>:"/\\|?*]')
_CHANGES = "changes of uploaded files"


@asynccontextmanager
async def new_image(session: AsyncSession, data: bytes, field: str) -> AsyncIterator[str]:
    """Store a picture (JPEG, PNG or WebP) and give its name to the block that writes it to a row.

    Comes before the first statement: decoding takes its time, and nobody should wait for it. `Invalid`, by the name
    of the field, if it is no picture or too large.
    """
    jpeg = await asyncio.to_thread(small_jpeg, data, field)
    async with _new(session, jpeg, f"{secrets.token_hex(16)}.jpg") as name:
        yield name


@asynccontextmanager
async def new_file(session: AsyncSession, data: bytes, filename: str, field: str) -> AsyncIterator[str]:
    """Store a file of any kind and give its name to the block that writes it to a row.

    `Invalid`, by the name of the field, if it is empty or too large.
    """
    if not data or len(data) > MAX_FILE_BYTES:
        message = "The file is too large." if data else "The file is empty."
        hint = f"Send at most {MAX_FILE_BYTES // 1024**2} MB." if data else "Choose another one."
        raise Invalid(message, hint, {field: f"{message} {hint}"})
    async with _new(session, data, f"{secrets.token_hex(16)}-{clean_name(filename)}") as name:
        yield name


def drop_file(session: AsyncSession, name: str | None) -> None:
    """Delete this stored file, if there is one, once the transaction is committed."""
    if name:
        _changes(session.sync_session).append(_Change(_innermost(session.sync_session), dropped=name))


def path_of(name: str) -> Path:
    """Where a stored file is. `NotFound` if it is not there."""
    path = _path(name)
    if not path.is_file():
        raise NotFound("There is no such file.")
    return path


def original_name(name: str) -> str:
    """What the sender called a stored file; a picture has no such name."""
    found = _KEY.fullmatch(name)
    return (found and found[3]) or name


def clean_name(filename: str) -> str:
    """The name without folders and whatever a file system takes for something else, as short as a column needs it."""
    last = re.split(r"[/\\]", filename)[-1]
    plain = "".join(sign for sign in last if sign.isprintable())
    words = " ".join(_NOT_IN_A_NAME.sub("_", plain).split()).strip(". ")
    stem, dot, ending = words.rpartition(".")
    most = LONGEST_NAME - 33
    if not stem or len(ending) > 16:
        return words[:most].strip(". ") or "file"
    return f"{stem[: most - len(dot + ending)]}{dot}{ending}"


@dataclass(eq=False)
class _Change:
    """What a transaction did to a file: stored it, or dropped it from its row."""

    within: SessionTransaction
    stored: str = ""
    dropped: str = ""


@asynccontextmanager
async def _new(session: AsyncSession, data: bytes, name: str) -> AsyncIterator[str]:
    try:
        await asyncio.to_thread(_write, name, data)
        yield name
    except BaseException:
        _discard(name)
        raise
    _changes(session.sync_session).append(_Change(_innermost(session.sync_session), stored=name))


def _write(name: str, data: bytes) -> None:
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _discard(name: str) -> None:
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    found = _KEY.fullmatch(name)
    if not found or len(name) > LONGEST_NAME:
        raise NotFound("There is no such file.")
    return get_settings().upload_dir / f"{found[1]}{found[2] or ''}"


def _changes(session: Session) -> list[_Change]:
    """The changes of the session's open transaction, in savepoints too. Whether they last is settled at its end."""
    if _CHANGES not in session.info:
        session.info[_CHANGES] = []
        event.listen(session, "after_commit", _keep)
        event.listen(session, "after_transaction_end", _undo)
    found: list[_Change] = session.info[_CHANGES]
    return found


def _innermost(session: Session) -> SessionTransaction:
    return session.get_nested_transaction() or session.get_transaction() or session.begin()


def _keep(session: Session) -> None:
    """After a commit. What a savepoint did now belongs to the transaction around it."""
    done, changes = _innermost(session), _changes(session)
    for change in [change for change in changes if change.within is done]:
        if done.nested and done.parent:
            change.within = done.parent
        else:
            changes.remove(change)
            if change.dropped:
                _discard(change.dropped)


def _undo(session: Session, ended: SessionTransaction) -> None:
    """After a transaction or savepoint: what it did and did not commit has not happened."""
    changes = _changes(session)
    for change in [change for change in changes if change.within is ended]:
        changes.remove(change)
        if change.stored:
            _discard(change.stored)
