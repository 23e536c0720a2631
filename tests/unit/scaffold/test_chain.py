"""A migration in the middle of the chain is taken out of it, and one that comes back goes to the end."""

from pathlib import Path

import pytest

from oppman.project import Project
from oppman.scaffold import chain
from oppman.scaffold.plan import Create


def revision(name: str, parent: str | None) -> str:
    said = f'"{parent}"' if parent else "None"
    return (
        f'"""add {name}\n\nRevision {name}, after {parent or "nothing"}, written 2026-11-24\n"""\n\n'
        f'revision = "{name}"\ndown_revision = {said}\n\n\ndef upgrade() -> None:\n    op.f("{parent}")\n'
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the revisions a1, b2 and c3, each after the one before."""
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\n")
    versions = tmp_path / "migrations/versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations/env.py").touch()
    for name, parent in (("a1", None), ("b2", "a1"), ("c3", "b2")):
        (versions / f"{name}.py").write_text(revision(name, parent))
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("removed", "changed"),
    [
        (["b2"], {"c3": "a1"}),
        (["a1"], {"b2": None}),
        (["a1", "b2"], {"c3": None}),
        (["c3"], {}),
        ([], {}),
    ],
)
def test_what_followed_a_removed_one_follows_its_parent(
    project: Project, removed: list[str], changed: dict[str, str | None]
) -> None:
    writes = list(chain.without(project, [f"migrations/versions/{name}.py" for name in removed]))

    assert {Path(write.path).stem for write in writes} == changed.keys()
    for write in writes:
        text, parent = (write.after or b"").decode(), changed[Path(write.path).stem]
        assert f"\ndown_revision = {parent!r}\n".replace("'", '"') in text
        assert f", after {parent or 'nothing'}, written" in text
        assert text.endswith(revision("", "b2" if Path(write.path).stem == "c3" else "a1")[-12:])  # the body stays
        assert chain.alike(write.before, write.after)


def test_one_that_comes_back_goes_to_the_end(project: Project) -> None:
    step = chain.at_the_end(project, Create("migrations/versions/d4.py", revision("d4", "a1")))

    assert isinstance(step, Create)
    assert '\ndown_revision = "c3"\n' in step.content
    assert ", after c3, written" in step.content
    assert chain.at_the_end(project, step) == step


def test_other_steps_stay_as_they_are(project: Project) -> None:
    step = Create("webapp/schemas/book.py", "down = 1\n")

    assert chain.at_the_end(project, step) is step


def test_a_revision_with_another_body_is_not_alike() -> None:
    one, other = revision("b2", "a1").encode(), revision("b2", "c3").encode()

    assert not chain.alike(one, other)
    assert chain.alike(one, other.replace(b'op.f("c3")', b'op.f("a1")'))
    assert not chain.alike(one, None)
