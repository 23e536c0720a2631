"""The project that a command works on: where it lies and what its `[tool.oppman]` says."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oppman.errors import BadConfiguration, NoProject

CONVENTION = Path("webapp/main.py")
HANDED_OVER = "OPPMAN_HANDED_OVER"


@dataclass(frozen=True)
class Project:
    """A folder with a `pyproject.toml`, and the table `[tool.oppman]` in it (empty if all is by convention)."""

    root: Path
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def here(cls) -> "Project":
        """The project around the current folder, in the environment that belongs to it.

        If the project has a `.venv` with oppman in it and this process runs elsewhere, the same command line is
        carried out there and this call does not return. Raises NoProject and BadConfiguration.
        """
        project = cls.find(Path.cwd())
        if project is None:
            raise NoProject(
                f"There is no project in {Path.cwd()} or above it.",
                "Create one with `oppman new NAME`, or go into its folder. A project that oppman did not make needs a "
                "table [tool.oppman] in its pyproject.toml.",
            )
        project._hand_over()
        return project

    @classmethod
    def find(cls, start: Path) -> "Project | None":
        """The nearest project at `start` or above it. Nothing of it is imported."""
        for folder in (start, *start.parents):
            path = folder / "pyproject.toml"
            if not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
            if "[tool.oppman" in text:
                return cls(folder, _table(path, text))
            if (folder / CONVENTION).is_file():
                return cls(folder)
        return None

    @property
    def python(self) -> Path | None:
        """The interpreter of the project's own `.venv`, if it has one."""
        for candidate in (self.root / ".venv/bin/python", self.root / ".venv/Scripts/python.exe"):
            if candidate.exists():
                return candidate
        return None

    def _hand_over(self) -> None:
        python = self.python
        if python is None or HANDED_OVER in os.environ or not _has_oppman(self.root / ".venv"):
            return
        if Path(sys.prefix).resolve() == (self.root / ".venv").resolve():
            return
        command = [str(python), "-m", "oppman", *sys.argv[1:]]
        environment = os.environ | {HANDED_OVER: "1"}
        if sys.platform == "win32":
            raise SystemExit(subprocess.run(command, env=environment).returncode)
        # On POSIX the process itself becomes the other one, so that signals and the terminal reach it directly.
        sys.stdout.flush()
        os.execve(command[0], command, environment)


def _table(path: Path, text: str) -> Mapping[str, Any]:
    import tomllib

    try:
        table = tomllib.loads(text)["tool"]["oppman"]
    except tomllib.TOMLDecodeError as problem:
        raise BadConfiguration(f"{path} is not valid TOML: {problem}", "Mend that line and try again.") from None
    if not isinstance(table, dict):
        raise BadConfiguration(f"tool.oppman in {path} is not a table.", "Write it as [tool.oppman].")
    return table


def _has_oppman(environment: Path) -> bool:
    return any(
        next(environment.glob(pattern), None)
        for pattern in ("lib/python*/site-packages/oppman-*.dist-info", "Lib/site-packages/oppman-*.dist-info")
    )
