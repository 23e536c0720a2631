"""Whether what a run wrote holds: its lint, its types, its migration and its tests."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from os import environ
from pathlib import Path

from oppman.contract import Contract
from oppman.errors import OppmanError
from oppman.project import Project
from oppman.scaffold.format import ruff_settings
from oppman.scaffold.record import Run
from oppman.scaffold.undo_checks import migration_of

LONGEST_EVIDENCE = 60
"""Lines of a tool's output that are shown; the last ones say the most."""


@dataclass(frozen=True)
class Check:
    """One thing to try: what it is called, and what it answers, "" if all is well and the evidence if not."""

    name: str
    run: Callable[[], str]


def checks(project: Project, run: Run) -> Iterator[Check]:
    """What can be tried of the files that `run` created, the quickest first.

    Types are checked where the project has mypy configured, and tests where it has pytest.
    """
    created = [entry.path for entry in run.entries if entry.before is None and entry.after is not None]
    python = [path for path in created if path.endswith(".py")]
    if python:
        yield Check(f"lint of {_count(python)}", lambda: _ruff(project.root, python))
    if revision := migration_of(project, run):
        tables = run.notes.get("tables", ())
        yield Check("migration up, down and up", lambda: _migration(project, revision.id, tables))
    typed = [path for path in python if not path.startswith("migrations/")]
    if typed and _has_mypy(project.root):
        yield Check(f"types of {_count(typed)}", lambda: _module(project.root, "mypy", *typed))
    tests = [path for path in python if Path(path).name.startswith("test_")]
    if tests and find_spec("pytest"):
        quiet = ("-q", "-p", "no:cacheprovider", "--no-header")
        yield Check(f"tests in {_count(tests)}", lambda: _module(project.root, "pytest", *quiet, *tests))


def _count(paths: Sequence[str]) -> str:
    return "1 file" if len(paths) == 1 else f"{len(paths)} files"


def _ruff(root: Path, paths: Sequence[str]) -> str:
    from ruff import find_ruff_bin  # type: ignore[import-untyped]

    ruff, settings = find_ruff_bin(), tuple(ruff_settings(root))
    return _run(root, ruff, "check", "--no-cache", "--quiet", *settings, *paths) or _run(
        root, ruff, "format", "--check", "--no-cache", "--diff", *settings, *paths
    )


def _migration(project: Project, revision: str, tables: Sequence[str]) -> str:
    from oppman.database.autogenerate.drift import compare
    from oppman.database.round_trip import round_trip

    sys.dont_write_bytecode = True  # a folder that is not empty would outlive the run
    try:
        round_trip(Contract(project), revision)
        apart = [each.text for each in compare(Contract(project)).differences if each.table in tables]
    except OppmanError as problem:
        return "\n".join(filter(None, [problem.detail.rstrip(), problem.message]))
    return "\n".join(["The models and the migration are apart:", *apart]) if apart else ""


def _has_mypy(root: Path) -> bool:
    import tomllib

    if find_spec("mypy") is None:
        return False
    if any((root / name).is_file() for name in ("mypy.ini", ".mypy.ini")):
        return True
    with (root / "pyproject.toml").open("rb") as file:
        return "mypy" in tomllib.load(file).get("tool", {})


def _module(root: Path, module: str, *arguments: str) -> str:
    return _run(root, sys.executable, "-m", module, *arguments)


def _run(root: Path, *command: str) -> str:
    """What the command said if it failed, else ""."""
    done = subprocess.run(
        command, cwd=root, env=environ | {"PYTHONDONTWRITEBYTECODE": "1"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    lines = done.stdout.rstrip().split("\n")
    return "" if done.returncode == 0 else "\n".join(lines[-LONGEST_EVIDENCE:]) or f"exit code {done.returncode}"
