"""What only a terminal shows: colours, and nothing that the text did not say."""

import sys
from pathlib import Path

from terminal import talk


def on_a_terminal(code: str, cwd: Path) -> str:
    result = talk([sys.executable, "-c", f"from oppman import console\n{code}"], cwd)
    assert result.code == 0, result.output
    return result.output


def test_a_field_is_not_taken_for_an_emoji(tmp_path: Path) -> None:
    assert on_a_terminal("console.out('day:date:index', 'cyan')", tmp_path) == "\x1b[36mday:date:index\x1b[0m\n"


def test_a_diff_is_coloured_by_its_lines(tmp_path: Path) -> None:
    assert on_a_terminal(
        r"console.diff('--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new[0]\n same\n')", tmp_path
    ).splitlines() == [
        "\x1b[1m--- a\x1b[0m",
        "\x1b[1m+++ b\x1b[0m",
        "\x1b[36m@@ -1 +1 @@\x1b[0m",
        "\x1b[31m-old\x1b[0m",
        "\x1b[32m+new[0]\x1b[0m",
        " same",
    ]


def test_a_choice_is_one_key(tmp_path: Path) -> None:
    code = "from oppman import console\nprint('got', console.choose('What?', {'k': 'keep', 'q': 'quit'}, '--x'))"

    result = talk([sys.executable, "-c", code], tmp_path, ("q) quit", "q\r"))

    assert result.code == 0
    assert "got q" in result.output
