"""Random resources in one project: it passes every check, its migrations go up and down, its tests are green.

SEEDS="1 2 3" in the environment tries others than the usual one.
"""

import os
import random
from pathlib import Path

import pytest

from command_line import Run, python
from random_resources import commands
from tree import files

SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "4").split()]


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Path:
    assert run("new", "shop", "--no-git").code == 0
    return tmp_path / "shop"


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_grammar_takes_makes_a_project_that_passes(run: Run, shop: Path, seed: int) -> None:
    for command in commands(seed):
        made = run("scaffold", "resource", *command, cwd=shop)
        assert made.code == 0, f"{command}: {made.stderr}"
    python(shop, "ruff", "check", "--no-cache")
    python(shop, "ruff", "format", "--check", "--no-cache")
    python(shop, "mypy", "--cache-dir", str(shop.parent / "mypy"))
    assert run("init", "--yes", cwd=shop).code == 0
    assert run("db", "check", cwd=shop).code == 0
    [first, *_] = sorted((shop / "migrations/versions").glob("*_create_tables.py"))
    revision = next(line.split('"')[1] for line in first.read_text().splitlines() if line.startswith("revision"))
    for arguments in (("rollback", revision, "--yes", "--no-backup"), ("migrate",), ("check",)):
        done = run("db", *arguments, cwd=shop)
        assert done.code == 0, done.stderr
    folders = sorted({path.parent.as_posix() for path in (shop / "tests/integration").glob("*/conftest.py")})
    python(shop, "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *folders)
    assert run("demo", "load", "--rows", "40", cwd=shop).code == 0


def test_what_the_grammar_does_not_take_writes_not_a_byte(run: Run, shop: Path) -> None:
    before = tree(shop)
    chance = random.Random(7)
    for _ in range(12):
        name, *fields = chance.choice(commands(chance.randrange(1_000), 3))
        wrong = chance.choice(
            ("class:str", "title:strr", "title:str:max=0", "a:int:min=x", "x:enum:", "b:ref:Nobody", "id:int", "A:str",
             "a:str:pattern=(", "v:vector:0", "d:decimal:99.1", "s:secret:default=x", "q:str")
        )  # fmt: skip
        plain = [
            field for field in fields if not field.startswith("--") and ":ref:" not in field and ":many:" not in field
        ]
        done = run("scaffold", "resource", name, *plain, wrong, cwd=shop)
        assert done.code == 2, f"{name} {wrong}: {done.stderr}"
        assert "Hint: " in done.stderr
        assert tree(shop) == before


def tree(root: Path) -> dict[str, bytes]:
    return files(root, "__pycache__")
