"""A resource with files, pictures and vectors in a new project: clean, in step with its migration, its tests green."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Run
from oppman.project import Project
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.journal import apply
from oppman.scaffold.migration import migration
from oppman.scaffold.models import read_models
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Create, plan
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import steps

FIELDS = (
    "title:str", "isbn:str:unique", "cover:image:optional", "manual:file:optional", "scan:file:hidden",
    "sketch:image:hidden", "embedding:vector:8:optional", "taste:vector:3", "door_code:secret",
)  # fmt: skip


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Path:
    made = run("new", "shop", "--no-git", "--yes")
    assert made.code == 0, made.stderr
    return tmp_path / "shop"


def scaffold(shop: Path, options: Options) -> None:
    project = Project(shop)
    book = Resource(Names.of("Book"), parse_fields(FIELDS), "Something to read.", read_models(project), options)
    path, text = migration(project, book)
    planned = plan(shop, [*steps(project, book), Create(path.relative_to(shop).as_posix(), text)])
    apply(shop, planned, ["scaffold", "resource", "Book", *FIELDS], {})


@pytest.mark.parametrize("options", [Options(), Options(owned=True, soft_delete=True, uuid=True)])
def test_what_is_written_is_clean_and_passes_its_own_tests(run: Run, shop: Path, options: Options) -> None:
    scaffold(shop, options)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, "--no-cache"], cwd=shop, capture_output=True)
        assert done.returncode == 0, done.stdout.decode()
    assert run("init", "--yes", cwd=shop).code == 0
    checked = run("db", "check", cwd=shop)
    assert checked.code == 0, checked.stderr
    tested = run("test", "-q", "-n", "0", "tests/integration/books", cwd=shop, timeout=300)
    assert tested.code == 0, tested.stdout[-4000:]
