"""`oppman scaffold stubs`: a project's own stubs win over oppman's."""

from pathlib import Path

from command_line import Run
from oppman.scaffold.render import STUBS

SERVICE = "resource/webapp/services/NAME_service.py.jinja"
BOOK = ("scaffold", "resource", "Book", "title:str")


def test_every_stub_is_copied_once_and_an_edited_one_is_kept(run: Run, project: Path) -> None:
    first = run("scaffold", "stubs", cwd=project)

    assert (first.code, first.stdout) == (0, "")
    copied = project / "stubs"
    assert {path.relative_to(copied) for path in copied.rglob("*.jinja")} == {
        path.relative_to(STUBS) for kind in ("command", "piece", "resource") for path in (STUBS / kind).rglob("*.jinja")
    }
    (copied / SERVICE).write_text("mine\n")
    second = run("scaffold", "stubs", cwd=project)
    assert f"skip  stubs/{SERVICE}" in second.stderr
    assert (copied / SERVICE).read_text() == "mine\n"
    assert f"overwrite  stubs/{SERVICE}" in run("scaffold", "stubs", "--force", cwd=project).stderr
    assert (copied / SERVICE).read_bytes() == (STUBS / SERVICE).read_bytes()


def test_the_project_s_stub_wins_and_the_others_are_oppman_s(run: Run, project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write('\n[tool.oppman.scaffold]\nstubs = "generators/own"\n')
    own = project / "generators/own" / SERVICE
    own.parent.mkdir(parents=True)
    own.write_text('"""Our own services: << names.class_name >>."""\n')

    assert run(*BOOK, cwd=project).code == 0
    assert (project / "webapp/services/book_service.py").read_text() == '"""Our own services: Book."""\n'
    assert "class BookRead" in (project / "webapp/schemas/book.py").read_text()


def test_a_stub_that_cannot_be_filled_in_is_told_with_its_row(run: Run, project: Path) -> None:
    own = project / "stubs" / SERVICE
    own.parent.mkdir(parents=True)
    for text in ('"""Fine."""\n\n<< nothing_of_that_name >>\n', '"""Fine."""\n\n<% if %>\n'):
        own.write_text(text)

        result = run(*BOOK, cwd=project)

        assert (result.code, result.stdout) == (1, "")
        assert f"Error: The stub stubs/{SERVICE} cannot be filled in:" in result.stderr
        assert "Hint: Mend its row 3" in result.stderr
        assert not (project / "webapp/schemas/book.py").exists()
