"""A module's statements are those that its tree has, whatever its rows look like, and after every edit of it."""

import ast
from pathlib import Path

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from oppman.scaffold import sound
from oppman.scaffold.insert.outline import _parts, _read, binds, outline
from oppman.scaffold.insert.spans import _by_tokens, _by_tree

ROOT = Path(__file__).parents[3]

PIECES = st.sampled_from([
    "x = 1\n", "x: int = 2\n", "x = y = 3\n", "a = 1; b = 2\n", "import os\n", "from a import (\n    b,\n    c,\n)\n",
    "class A:\n    x = 1\n\n    y = 2\n    # its end\n", "@one\n@two(\n    3,\n)\nclass B: ...\n",
    "@one\n# why\n\ndef f():\n    return '''\nclass Not: ...\n'''\n", "async def g(): ...\n",
    '"""\nx = 4\n"""\n', "if x:\n    y = 1\nelif z:\n    y = 2\nelse:\n    y = 3\n",
    "try:\n    pass\nexcept OSError:\n    pass\nfinally:\n    a = 1\n", "z = [\n1,\n2,\n]\n", "z = dict(\nb=1,\n)\n",
    "z = 1 + \\\n2\n", "# a remark\n", "\n", "\n\n", "s = '# no remark'\n", "s = \"it's\"\n", "s = f'{x} \"\"\"'\n",
    "for x in y:\n    pass\nelse:\n    pass\n", "elsewhere = 1\n", "print(x)\n", "z = (  # )\n1)\n", "s = 'a\\\nb'\n",
    "with a as b:\n    pass\n", "lambda: 0\n", "s = '''\n# no remark'''\n", "f(\"\"\"\n# none\"\"\")\n",
    "# one\n# two '''\n", "match x:\n    case 1:\n        pass\n",
])  # fmt: skip
MODULES = st.lists(PIECES, max_size=12).map("".join)


def seen(text: str) -> list[tuple[int, int, str, str]]:
    """What the outline says of each statement, the name only where the tree confirms it."""
    found = outline(text)
    return [(one.first, one.last, binds(found.node(one)) if one.name else "", one.kind) for one in found.statements]


def told(text: str) -> list[tuple[int, int, str, str]]:
    return [(one.first, one.last, one.name, one.kind) for one in _read(ast.parse(text))]


@settings(deadline=None)
@given(MODULES, st.sampled_from(["", "x = 9", "# the end", "    "]))
@example("", "")
def test_the_statements_are_those_of_the_tree(text: str, end: str) -> None:
    text += end if end.strip() or not text or text.endswith("\n") else ""

    assert seen(text) == told(text)


@settings(deadline=None)
@given(MODULES, MODULES, MODULES, MODULES)
def test_an_edit_of_a_long_text_leaves_the_outline_that_it_would_have_anew(
    above: str, before: str, after: str, below: str
) -> None:
    filler = "".join(f"filler_{number} = {number}\n" for number in range(200))
    outline(filler + above + before + below + filler)

    edited = filler + above + after + below + filler

    assert seen(edited) == told(edited)


@example("\\\n#")
@settings(deadline=None)
@given(st.text("ab()[]\"'#\n\\:=, ", max_size=40))
def test_what_is_no_python_has_no_outline(text: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as problem:
        with pytest.raises(type(problem)):
            outline(text)
    else:
        assert seen(text) == told(text)


@pytest.mark.parametrize("path", sorted((ROOT / "webapp").rglob("*.py")), ids=lambda path: path.stem)
def test_every_file_of_the_web_app(path: Path) -> None:
    text = path.read_text()

    assert _parts(text) is not None, "it has been read as a whole"
    assert seen(text) == told(text)
    for node in ast.parse(text).body:
        if name := binds(node):
            there = outline(text).find(name)
            assert there is not None
            assert ast.dump(there, include_attributes=True) == ast.dump(node, include_attributes=True)


ELEMENTS = st.sampled_from([
    "a", "'x, y'", "(b)", "(a, b)", "[1,2]", "f(x, y)", "{'a': 1}", "lambda: 0", "x if y else z", "*rest", "'a' 'b'",
    "é", "(  a)", "-1", "a.b", '"#"', "(a\n)", "(y for y in z)",
])  # fmt: skip


@settings(deadline=None)
@given(
    st.sampled_from(["()", "[]", "{}"]), st.lists(ELEMENTS, max_size=5), st.sampled_from(["", "\n", " ", "# c\n"]),
    st.lists(st.sampled_from([",", " , ", ", # c, d\n", ",\n    ", "\n,", "# x\n,"]), min_size=5, max_size=5),
    st.sampled_from(["", ",", ",\n", " # e\n", ", # f\n", "\n"]),
)  # fmt: skip
def test_elements_found_by_their_trees_are_those_between_the_commas(
    brackets: str, elements: list[str], start: str, commas: list[str], end: str
) -> None:
    parted = [element + comma for element, comma in zip(elements, commas, strict=False)]
    text = brackets[0] + start + "".join(parted[:-1]) + (elements[-1] + end if elements else "") + brackets[1]

    try:
        [_, statement] = ast.parse(f"import a\nvalue = {text}").body
    except SyntaxError:
        reject()
    assert isinstance(statement, ast.Assign)

    found = _by_tree(text, statement.value)

    assert found is None or found == tuple(_by_tokens(text))


def test_what_was_sound_is_known_to_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_known", set[bytes]())
    monkeypatch.setattr(sound, "_seen", set[bytes]())
    assert sound.is_sound("x = 1\n")
    assert not sound.is_sound("x = \n")
    (tmp_path / "sound").write_bytes(sound.to_remember() or b"")

    monkeypatch.setattr(sound, "_seen", set[bytes]())
    sound.recall(tmp_path)
    monkeypatch.setattr(ast, "parse", lambda *_: pytest.fail("read once more"))

    assert sound.is_sound("x = 1\n")
    assert sound.to_remember() is None


@pytest.mark.parametrize("content", [b"", b"sound 2.7\n12345678", b"\xff\x00", b"sound"])
def test_a_file_of_another_kind_tells_nothing(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_known", set[bytes]())
    (tmp_path / "sound").write_bytes(content)

    sound.recall(tmp_path)
    sound.recall(tmp_path / "missing")

    assert not sound._known
