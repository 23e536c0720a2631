"""Undoing runs whose insertions are the real ones gives back the bytes from before, in whatever order."""

from itertools import permutations
from pathlib import Path

import pytest

from oppman.scaffold import journal
from oppman.scaffold.insert import Definition, ImportNames, ListItem, from_json
from oppman.scaffold.plan import Change, plan

SOURCE = (
    "from webapp.models import AuditEntry\n"
    "from webapp.services import product_service, registration_service, role_service, user_service, webinar_service\n"
    "\n\n"
    "VIEWS = [ProductAdmin, WebinarAdmin, RegistrationAdmin, RoleAdmin, AuditEntryAdmin, ParticipantAdmin, UserAdmin]\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "admin.py").write_text(SOURCE)
    return tmp_path


def add(root: Path, name: str) -> None:
    """A run whose insertions break the one-row import and the one-row list into rows, if they are still in one."""
    edits = (
        ImportNames("webapp.services", (f"{name}_service",)),
        Definition(f"class {name.title()}Admin:\n    service = {name}_service", before="VIEWS"),
        ListItem("VIEWS", f"{name.title()}Admin", before="UserAdmin"),
    )
    journal.apply(root, plan(root, [Change("admin.py", edits)]), ["scaffold", name])


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_what_the_first_run_broke_into_rows_is_joined_by_the_last_undo(root: Path, order: tuple[int, ...]) -> None:
    for name in ("book", "tag", "warehouse"):
        add(root, name)
    assert "    tag_service,\n" in (root / "admin.py").read_text()

    for number in order:
        journal.undo(root, from_json, number)

    assert (root / "admin.py").read_text() == SOURCE


def test_it_is_joined_although_the_first_run_was_redone_meanwhile(root: Path) -> None:
    add(root, "book")
    add(root, "tag")
    journal.undo(root, from_json, 1)
    journal.redo(root, from_json, 1)

    journal.undo(root, from_json, 2)
    journal.undo(root, from_json, 1)

    assert (root / "admin.py").read_text() == SOURCE


def test_it_is_joined_although_the_owner_added_something_elsewhere(root: Path) -> None:
    add(root, "book")
    path = root / "admin.py"
    path.write_text(path.read_text() + "\n\nMINE = 1\n")

    journal.undo(root, from_json)

    assert path.read_text() == SOURCE + "\n\nMINE = 1\n"
