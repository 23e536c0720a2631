from pathlib import Path

import pytest

from oppman.docs import reference
from oppman.docs.commands import Command, Parameter, read, root_options
from oppman.errors import Refused

MEND = Command(
    name="nets mend",
    panel="Harbour",
    summary="Mend a net.",
    description="With *care*.",
    usage="oppman nets mend [OPTIONS] NET",
    examples=("oppman nets mend trawl",),
    arguments=(Parameter("NET", "Which one.", "", True),),
    options=(Parameter("--kind small|big", "Its size.", "small", False),),
    children=(),
)
NETS = Command("nets", "Harbour", "All about nets.", "", "oppman nets COMMAND [ARGS]...", (), (), (), (MEND,))


def test_docs_commands_md_is_what_the_commands_say_today() -> None:
    expected = reference.markdown(read(own=False), root_options())

    assert reference.PATH.read_text(encoding="utf-8") == expected, f"renew it with `{reference.RENEW}`"


def test_a_command_becomes_a_section_that_the_contents_link_to() -> None:
    text = reference.markdown([NETS])

    assert "- **Harbour**\n  - [`oppman nets`](#oppman-nets): All about nets.\n" in text
    assert "    - [`oppman nets mend`](#oppman-nets-mend): Mend a net.\n" in text
    assert text.endswith(
        "#### oppman nets mend\n\nMend a net.\n\nWith *care*.\n\n"
        "```text\noppman nets mend [OPTIONS] NET\n```\n\n"
        "| Argument | Meaning | Default |\n|---|---|---|\n| `NET` | Which one. | required |\n\n"
        "| Option | Meaning | Default |\n|---|---|---|\n| `--kind small\\|big` | Its size. | `small` |\n\n"
        "Example:\n\n```console\n$ oppman nets mend trawl\n```\n"
    )


def test_renewing_writes_the_file_once_and_checking_refuses_a_stale_one(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "commands.md"

    with pytest.raises(Refused, match=r"commands\.md is stale"):
        reference.renew(path, "new\n", check=True)
    assert not path.exists()

    reference.renew(path, "new\n", check=False)
    reference.renew(path, "new\n", check=True)
    assert path.read_bytes() == b"new\n"


def test_line_ends_of_windows_do_not_make_the_file_stale(tmp_path: Path) -> None:
    path = tmp_path / "commands.md"
    path.write_bytes(b"one\r\ntwo\r\n")

    reference.renew(path, "one\ntwo\n", check=True)
