"""Python laid out by ruff with the project's own settings, so that generated code looks as if its owner had written it.

Stubs write each statement on one line and import all that they may need; what is not used is taken out here.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from oppman.errors import BadConfiguration, OppmanError

_SETTINGS = ("ruff.toml", ".ruff.toml", "pyproject.toml")
_OWN = ("--config", 'lint.isort.known-first-party = ["webapp"]')  # ruff knows the modules that are there already


def formatted(root: Path, sources: Mapping[str, str]) -> dict[str, str]:
    """The Python `sources` by path, formatted, with their imports sorted and those that nothing uses taken out.

    Raises BadConfiguration if ruff cannot read the settings of the project at `root`.
    """
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for path, source in sources.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(source, encoding="utf-8", newline="\n")
        settings = tuple(ruff_settings(root))
        _ruff(root, folder, "check", "--fix-only", "--select", "F401,I", *settings, *_OWN)
        _ruff(root, folder, "format", *settings)
        return {path: (folder / path).read_text(encoding="utf-8") for path in sources}


def ruff_settings(root: Path) -> Iterator[str]:
    """The options that make ruff go by the project's settings, or by the usual ones if it has none."""
    for name in _SETTINGS:
        path = root / name
        if path.is_file() and (name != "pyproject.toml" or "[tool.ruff" in path.read_text(encoding="utf-8")):
            yield from ("--config", str(path))
            return
    yield from ("--isolated", "--config", "line-length = 120")


def _ruff(root: Path, folder: Path, *arguments: str) -> None:
    from ruff import find_ruff_bin  # type: ignore[import-untyped]

    done = subprocess.run(
        [find_ruff_bin(), *arguments, "--quiet", "--no-cache", folder],
        cwd=root, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    if done.returncode == 0:
        return
    said = done.stderr.replace(f"{folder}/", "")
    if "Failed to load configuration" in said:
        raise BadConfiguration("ruff cannot read its settings.", "Mend them: generated code is laid out by ruff.", said)
    raise OppmanError("ruff cannot lay out the generated code.", "A stub has to make valid Python.", said)
