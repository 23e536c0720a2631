"""What revisions bring along into the one that takes their place."""

from pathlib import Path

import pytest

from oppman.database.history.carry import carry
from oppman.database.revisions import Revision
from oppman.errors import Refused


def revisions(folder: Path, *texts: str) -> list[Revision]:
    found = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.py"
        path.write_text(f"{text}\n\n\ndef upgrade():\n    pass\n")
        found.append(Revision(str(number), (), "", path))
    return found


def test_imports_that_give_a_name_the_same_meaning_go_together(tmp_path: Path) -> None:
    carried = carry(
        revisions(
            tmp_path, "import webapp.db\nfrom json import dumps", "import webapp.vector\nfrom json import dumps, loads"
        )
    )
    assert carried.imports == [
        "import webapp.db", "from json import dumps", "import webapp.vector", "from json import dumps, loads",
    ]  # fmt: skip


@pytest.mark.parametrize("other", ["from yaml import dumps", "import yaml as dumps", "dumps = 1"])
def test_a_name_with_two_meanings_is_refused(tmp_path: Path, other: str) -> None:
    with pytest.raises(Refused, match=r"0\.py and 1\.py both define dumps, differently"):
        carry(revisions(tmp_path, "from json import dumps", other))
