"""A project's own resources in the search: what everybody may find, and what nobody may."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Run, clean_environment
from postgres import execute

VECTORS = '''

class NoteVector(Embedded, table=True):
    """What the text of a note means, for the search."""

    __tablename__ = "note_vectors"
    __table_args__ = (UniqueConstraint("note_id"), hnsw_index("vector"), derived())

    note_id: UUID = Field(foreign_key="notes.id", ondelete="CASCADE")

    title: ClassVar[str] = "title"
    texts: ClassVar[tuple[str, ...]] = ("text",)
'''

USE = """
import asyncio, json
from sqlalchemy import update
from webapp.db import dispose, now, reader, transaction
from webapp.models import Note
from webapp.services.embedding_service import embed_all
from webapp.services.search_service import search

async def titles():
    return sorted(hit.title for hit in (await search(reader(), "garden lamp", kind="note")).items)

async def use():
    async with transaction() as session:
        notes = [Note(title=f"Garden lamp {number}", text="In the garden.") for number in range(4)]
        session.add_all(notes)
    found = [await titles()]
    async with transaction() as session:
        (await session.get(Note, notes[0].id)).deleted_at = now()
        await session.execute(update(Note).where(Note.id == notes[1].id).values(deleted_at=now()))  # in bulk
    found.append(await titles())
    async with transaction() as session:
        (await session.get(Note, notes[0].id)).deleted_at = None
    found.append(await titles())
    made = [(table.rows, table.made) for table in await embed_all() if table.table == "notes"]
    await dispose()
    print(json.dumps([found, made]))

asyncio.run(use())
"""


@pytest.fixture
def shop(project: Path, run: Run) -> Path:
    (project / "tests").mkdir()
    made = run(
        "scaffold", "resource", "note", "title:str", "text:text:optional", "--soft-delete", "--uuid", cwd=project
    )
    assert made.code == 0, made.stderr
    models = project / "webapp/models.py"
    models.write_text(models.read_text() + VECTORS)
    return project


def use(shop: Path, run: Run) -> object:
    for command in (["db", "makemigrations", "-m", "vectors of notes"], ["db", "migrate"]):
        done = run(*command, cwd=shop)
        assert done.code == 0, done.stderr
    used = subprocess.run(
        [sys.executable, "-c", USE], cwd=shop, env=clean_environment(), capture_output=True, text=True
    )
    assert used.returncode == 0, used.stderr
    return json.loads(used.stdout)


LAMPS = [f"Garden lamp {number}" for number in range(4)]
EXPECTED = [[LAMPS, LAMPS[2:], [LAMPS[0], *LAMPS[2:]]], [[3, 0]]]


def test_a_row_that_is_marked_as_deleted_is_not_found_until_it_is_back(shop: Path, run: Run) -> None:
    assert use(shop, run) == EXPECTED


@pytest.mark.xdist_group("postgres")
def test_on_postgresql_too(shop: Path, run: Run, postgres_url: str) -> None:
    (shop / ".env").write_text(f"DATABASE_URL={postgres_url}\n")
    assert run("db", "migrate", cwd=shop).code == 0
    assert use(shop, run) == EXPECTED
    indexes = execute(postgres_url, "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_note_vectors_vector'")
    assert "USING hnsw (vector vector_cosine_ops)" in indexes[0][0]


def test_rows_of_an_owner_are_refused(shop: Path, run: Run) -> None:
    models = shop / "webapp/models.py"
    models.write_text(
        models.read_text().replace(
            "class Note(NoteBase, ", "class Owned(SQLModel):\n    owner_id: int\n\n\nclass Note(NoteBase, Owned, "
        )
    )
    refused = run("routes", cwd=shop)
    assert refused.code == 1
    assert "NoteVector: rows of notes belong to an owner, and everybody may search." in refused.stderr
