"""The admin offers nobody the rows of somebody else, and takes none that were not offered."""

from pathlib import Path

import pytest

from command_line import Run, python

RESOURCES = (
    ("Shelf", "name:str", "--owned"),
    ("Mark", "name:str", "--owned", "--uuid"),
    ("Room", "name:str", "--soft-delete"),
    ("Box", "name:str", "shelf:ref:Shelf", "marks:many:Mark", "--owned"),
    ("Crate", "name:str", "shelf:ref:Shelf:optional", "room:ref:Room:optional", "marks:many:Mark", "--no-pages"),
)
PROBE = """
import re

import pytest
from sqlalchemy import func, select

from webapp.db import now, reading, transaction
from webapp.models import Box, Crate, CrateMark, Mark, Room, Shelf


@pytest.fixture
async def ann(client, make_user, log_in):
    # Ann, whom the client is logged in as; Bo has a shelf and a mark as well.
    ann, bo = [await make_user(f"{name}@example.com", is_superuser=True) for name in ("ann", "bo")]
    async with transaction() as session:
        session.add_all([Shelf(name="Shelf of Ann", owner_id=ann.id), Room(name="Room here")])
        await session.flush()
        session.add_all([Shelf(name="Shelf of Bo", owner_id=bo.id), Room(name="Room gone", deleted_at=now())])
        session.add_all([Mark(name="Mark of Ann", owner_id=ann.id), Mark(name="Mark of Bo", owner_id=bo.id)])
    log_in(client, ann)
    return ann


async def marks():
    async with reading() as session:
        return {mark.name[-3:].strip(): mark for mark in await session.scalars(select(Mark))}


async def stored(model):
    async with reading() as session:
        return await session.scalar(select(func.count()).select_from(model))


async def linked():
    async with reading() as session:
        return set(await session.scalars(select(CrateMark.mark_id)))


@pytest.mark.parametrize("view", ["box", "crate"])
async def test_a_look_up_finds_ones_own(client, ann, view):
    answer = await client.get(f"/admin/{view}/ajax/lookup?name=shelf&term=Shelf")
    assert [found["text"] for found in answer.json()["results"]] == ["Shelf of Ann"]


async def test_a_look_up_finds_nothing_that_is_deleted(client, ann):
    answer = await client.get("/admin/crate/ajax/lookup?name=room&term=Room")
    assert [found["text"] for found in answer.json()["results"]] == ["Room here"]


@pytest.mark.parametrize("view", ["box", "crate"])
async def test_a_list_has_ones_own(client, ann, view):
    html = (await client.get(f"/admin/{view}/create")).text
    assert "Mark of Ann" in html
    assert "Mark of Bo" not in html


@pytest.mark.parametrize(("view", "model"), [("box", Box), ("crate", Crate)])
async def test_what_belongs_to_somebody_else_is_not_taken(client, ann, view, model):
    theirs = (await marks())["Bo"].id
    for form in ({"shelf": "2"}, {"shelf": "9999999999"}, {"shelf": "1", "marks": str(theirs)}):
        answer = await client.post(f"/admin/{view}/create", data={"name": "x", **form})
        assert answer.status_code == 400, form
        assert "Something went wrong" not in answer.text
    assert await stored(model) == 0
    own = {"name": "x", "shelf": "1", "marks": str((await marks())["Ann"].id)}
    assert (await client.post(f"/admin/{view}/create", data=own)).status_code == 302
    assert (await client.post(f"/admin/{view}/edit/1", data=own | {"shelf": "2"})).status_code == 400
    assert (await client.post(f"/admin/{view}/edit/1", data=own | {"marks": str(theirs)})).status_code == 400
    assert (await client.post(f"/admin/{view}/edit/1", data=own | {"name": "y"})).status_code == 302
    assert await stored(model) == 1


async def test_what_a_row_has_already_stays(client, ann):
    known = await marks()
    async with transaction() as session:
        session.add(Crate(name="Both", shelf_id=2))
        await session.flush()
        session.add_all([CrateMark(crate_id=1, mark_id=mark.id) for mark in known.values()])
    html = (await client.get("/admin/crate/edit/1")).text
    options = re.search('<select[^>]*name="marks".*?</select>', html, re.DOTALL)[0]
    chosen = re.findall('<option selected value="([^"]+)">([^<]+)', options)
    assert sorted(text for _, text in chosen) == ["Mark of Ann", "Mark of Bo"]
    form = {"name": "New name", "shelf": "2", "marks": [value for value, _ in chosen]}
    assert (await client.post("/admin/crate/edit/1", data=form)).status_code == 302
    assert await linked() == {mark.id for mark in known.values()}
    for address in ("/admin/crate/edit/abc", "/admin/crate/edit/7", "/admin/box/edit/1"):
        assert (await client.get(address)).status_code == 404
"""


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_choices_are_within_reach(run: Run, tmp_path: Path, database: str) -> None:
    assert run("new", "shop", "--no-git", "--minimal").code == 0
    shop = tmp_path / "shop"
    for arguments in RESOURCES:
        result = run("scaffold", "resource", *arguments, cwd=shop)
        assert result.code == 0, result.stderr
    (shop / "tests/integration/test_probe.py").write_text(PROBE)

    tests = [f"tests/integration/{name}/test_admin.py" for name in ("boxes", "crates")]
    tests += ["tests/integration/test_probe.py"]
    python(shop, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests, env={"TEST_DATABASE": database})
