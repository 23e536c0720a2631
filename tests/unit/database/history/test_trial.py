"""Files that are changed only if what follows goes well."""

import os
import py_compile
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from oppman.database.history.trial import tried


def test_what_goes_well_stays(tmp_path: Path) -> None:
    old, new = tmp_path / "old.py", tmp_path / "folder" / "new.py"
    old.write_bytes(b"old\r\n")
    with tried({old: None, new: b"new"}):
        assert not old.exists()
    assert new.read_bytes() == b"new"
    assert not old.exists()


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt])
def test_what_raises_leaves_all_as_it_was(tmp_path: Path, problem: type[BaseException]) -> None:
    changed, gone, new = (tmp_path / name for name in ("changed.py", "gone.py", "new.py"))
    changed.write_bytes(b"before\r\n")
    changed.chmod(0o640)
    gone.write_bytes(b"here")
    seen = b""
    with suppress(problem), tried({changed: b"after", gone: None, new: b"new"}):
        seen = changed.read_bytes()
        raise problem
    assert seen == b"after"
    assert changed.read_bytes() == b"before\r\n"
    assert changed.stat().st_mode & 0o777 == 0o640
    assert gone.read_bytes() == b"here"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["changed.py", "gone.py"]


def test_python_runs_what_is_there_and_not_what_it_compiled_in_the_same_second(tmp_path: Path) -> None:
    file = tmp_path / "revision.py"

    def value(compiled: bool = False) -> object:
        os.utime(file, (1_800_000_000, 1_800_000_000))
        if compiled:
            py_compile.compile(str(file))
        names: dict[str, object] = {}
        code = SourceFileLoader("revision", str(file)).get_code("revision")
        assert code is not None
        exec(code, names)
        return names["value"]

    file.write_text("value = 1")
    assert value(compiled=True) == 1
    with suppress(KeyError), tried({file: b"value = 2"}):
        assert value(compiled=True) == 2
        raise KeyError
    assert value() == 1
