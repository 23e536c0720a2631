"""`oppman scaffold resource` in a project, as a person uses it without a terminal."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from command_line import Result, Run
from oppman.scaffold import journal
from tree import files

BOOK = ("scaffold", "resource", "Book", "title:str:max=200", "price:decimal:10.2:min=0")
FILES = [
    "webapp/models.py",
    "webapp/schemas/book.py",
    "webapp/services/book_service.py",
    "webapp/routes/api/book.py",
    "webapp/admin.py",
]


def steps(result: Result) -> dict[str, str]:
    """The reported outcome of each file."""
    lines = (line.split() for line in result.stderr.splitlines() if line.startswith("  "))
    return {words[1]: words[0] for words in lines if len(words) == 2 and "/" in words[1]}


def tree(root: Path) -> dict[str, bytes]:
    return files(root, "__pycache__", ".oppman")


def test_a_resource_is_written_reported_and_can_be_migrated(run: Run, project: Path) -> None:
    result = run(*BOOK, cwd=project)

    assert (result.code, result.stdout) == (0, "")
    assert {steps(result)[path] for path in FILES} == {"create", "insert"}
    assert "Next:\n  oppman db migrate\n" in result.stderr
    assert run("db", "migrate", cwd=project).code == 0
    assert run("db", "check", cwd=project).code == 0
    with closing(sqlite3.connect(project / "app.db")) as database:
        assert database.execute("SELECT count(*) FROM books").fetchone() == (0,)


def test_the_same_command_again_finds_everything_and_its_migration(run: Run, project: Path) -> None:
    run(*BOOK, cwd=project)
    before = tree(project)

    result = run(*BOOK, cwd=project)

    assert (result.code, set(steps(result).values())) == (0, {"identical"})
    assert "Nothing to do" in result.stderr
    assert "Next:" not in result.stderr
    assert tree(project) == before
    assert len(journal.history(project)) == 1


def test_the_same_resource_with_other_fields_is_refused(run: Run, project: Path) -> None:
    run(*BOOK, cwd=project)
    before = tree(project)

    result = run("scaffold", "resource", "Book", "title:str", cwd=project)

    assert result.code == 1
    assert "Error: Run 1 made Book otherwise: title:str:max=200 price:decimal:10.2:min=0." in result.stderr
    assert "oppman scaffold undo 1" in result.stderr
    assert tree(project) == before


def test_the_options_of_a_resource_are_typed_or_configured(run: Run, project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("\n[tool.oppman.scaffold]\nsoft-delete = true\n")

    result = run(*BOOK, "--owned", cwd=project)

    assert result.code == 0, result.stderr
    models = (project / "webapp/models.py").read_text()
    book = models[models.index("class Book(") :]
    assert "owner_id" in book
    assert "deleted_at" in book
    assert run(*BOOK, "--owned", cwd=project).code == 0
    other = run(*BOOK, cwd=project)
    assert other.code == 1
    assert "Run 1 made Book otherwise" in other.stderr
    assert "--owned --soft-delete." in other.stderr


def test_pages_that_everybody_sees_cannot_name_what_belongs_to_a_user(run: Run, project: Path) -> None:
    run("scaffold", "resource", "Diary", "title", "--owned", cwd=project)
    run("scaffold", "resource", "Place", "name", cwd=project)
    before = tree(project)

    for field in ("diary:ref:Diary", "diaries:many:Diary"):
        for command in (("resource", "Entry", "text"), ("field", "Place")):
            result = run("scaffold", *command, field, cwd=project)

            assert result.code == 1
            assert f"{field.partition(':')[0]}: a Diary is its owner's alone" in result.stderr
            assert "Add --owned" in result.stderr
    assert tree(project) == before
    assert run("scaffold", "resource", "Entry", "text", "diary:ref:Diary", "--no-pages", cwd=project).code == 0
    page = run("scaffold", "page", "Entry", cwd=project)
    assert (page.code, "a Diary is its owner's alone" in page.stderr) == (1, True)
    assert run("scaffold", "resource", "Note", "text", "diary:ref:Diary", "--owned", cwd=project).code == 0


def test_a_dry_run_prints_the_diff_and_writes_nothing(run: Run, project: Path) -> None:
    before = tree(project)

    result = run(*BOOK, "--dry-run", cwd=project)

    assert result.code == 0
    assert result.stdout.startswith("diff --git a/webapp/models.py b/webapp/models.py\n")
    assert "\n+class Book(BookBase, Timestamped, table=True):" in result.stdout
    assert steps(result)["webapp/schemas/book.py"] == "create"
    assert "Nothing was written." in result.stderr
    assert tree(project) == before
    assert not (project / ".oppman").exists()


@pytest.mark.parametrize(
    ("args", "code", "message", "hint"),
    [
        (["Product", "name"], 2, "'Product' is taken", "would do"),
        (["Books", "title"], 2, "'Books' is a plural", "`Book` would do"),
        (["Book", "title:strr"], 2, "there is no type 'strr'", "`str` is one"),
        (["Book", "author:ref:Author"], 2, "the project has no model Author", "It has: AuditEntry"),
        (["Book", "title", "--about", 'a "book"'], 2, "--about is one line", "As in"),
        (["Book", "title", "--force", "--skip"], 2, "--force and --skip exclude each other", "Give one"),
        (["Doc", "title"], 2, "'Doc' is taken: the project has a 'docs'", "`DocRecord` would do"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    run: Run, project: Path, args: list[str], code: int, message: str, hint: str
) -> None:
    before = tree(project)

    result = run("scaffold", "resource", *args, cwd=project)

    assert (result.code, result.stdout) == (code, "")
    assert message in result.stderr
    assert hint in result.stderr
    assert tree(project) == before


class TestConflicts:
    """A file that its owner has changed since, and a second run."""

    SERVICE = "webapp/services/book_service.py"
    API = "tests/integration/books/test_api.py"

    @pytest.fixture
    def edited(self, run: Run, project: Path) -> Path:
        run(*BOOK, cwd=project)
        (project / self.SERVICE).write_text("# mine\n")
        (project / self.API).unlink()
        return project

    def test_are_refused_as_a_whole_without_a_terminal(self, run: Run, edited: Path) -> None:
        result = run(*BOOK, cwd=edited)

        assert result.code == 1
        assert f"conflict  {self.SERVICE}\n" in result.stderr
        assert "Error: A file is there with other content. Nothing was written." in result.stderr
        assert "Hint: --force overwrites, --skip keeps" in result.stderr
        assert not (edited / self.API).exists()

    def test_keep_the_file_with_skip(self, run: Run, edited: Path) -> None:
        result = run(*BOOK, "--skip", cwd=edited)

        assert (result.code, steps(result)[self.SERVICE], steps(result)[self.API]) == (0, "skip", "create")
        assert (edited / self.SERVICE).read_text() == "# mine\n"

    def test_overwrite_it_with_force_and_undo_brings_it_back(self, run: Run, edited: Path) -> None:
        result = run(*BOOK, "--force", cwd=edited)

        assert (result.code, steps(result)[self.SERVICE]) == (0, "overwrite")
        assert "async def create_book" in (edited / self.SERVICE).read_text()
        assert run("scaffold", "undo", cwd=edited).code == 0
        assert (edited / self.SERVICE).read_text() == "# mine\n"

    @pytest.mark.parametrize(("args", "outcome"), [((), "skip"), (("--force",), "overwrite")])
    def test_are_settled_by_the_configuration_unless_an_option_says_otherwise(
        self, run: Run, edited: Path, args: tuple[str, ...], outcome: str
    ) -> None:
        with (edited / "pyproject.toml").open("a") as file:
            file.write("\n[tool.oppman.scaffold]\nskip = true\n")

        assert steps(run(*BOOK, *args, cwd=edited))[self.SERVICE] == outcome


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("forse = true", "tool.oppman.scaffold.forse in pyproject.toml is no option"),
        ("skip = 1", "tool.oppman.scaffold.skip in pyproject.toml is 1."),
    ],
)
def test_a_wrong_configuration_is_told_by_its_key(run: Run, project: Path, line: str, message: str) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write(f"\n[tool.oppman.scaffold]\n{line}\n")

    result = run(*BOOK, cwd=project)

    assert (result.code, result.stdout) == (1, "")
    assert message in result.stderr
    assert "Hint: " in result.stderr


def test_a_file_without_a_place_is_left_alone_and_its_lines_are_shown(run: Run, project: Path) -> None:
    admin = project / "webapp/admin.py"
    admin.write_text(admin.read_text().replace("VIEWS", "SIGHTS"))
    before = admin.read_bytes()

    result = run(*BOOK, cwd=project)

    assert (result.code, steps(result)["webapp/admin.py"]) == (0, "manual")
    assert "! webapp/admin.py was left alone" in result.stderr
    assert "    class BookAdmin(" in result.stderr
    assert admin.read_bytes() == before
    assert (project / "webapp/schemas/book.py").is_file()


def test_models_without_a_place_are_told_and_nothing_is_written(run: Run, project: Path) -> None:
    models = project / "webapp/models.py"
    models.write_text(models.read_text() + "\n\nBookBase = 1\n")
    before = tree(project)

    result = run("scaffold", "resource", "Book", "number:uuid", cwd=project)

    assert (result.code, result.stdout) == (1, "")
    assert "Error: webapp/models.py has no place for what the migration is about" in result.stderr
    assert "Hint: Nothing was written." in result.stderr
    assert "class Book(BookBase, Timestamped, table=True):" in result.stderr
    assert tree(project) == before


def test_an_interrupted_run_is_recovered_and_told(run: Run, project: Path) -> None:
    run(*BOOK, cwd=project)
    record = project / ".oppman/scaffold/0001.json"
    before = tree(project)
    import json

    value = json.loads(record.read_text())
    writes = [
        {name: entry[name] for name in ("path", "before", "after", "mode")}
        for entry in value["entries"]
        if entry["before"] != entry["after"]
    ]
    record.write_text(json.dumps(value | {"state": "pending", "batch": {"writes": writes, "made": [], "emptied": []}}))
    (project / "webapp/schemas/book.py").unlink()  # what the run had not come to

    result = run("scaffold", "history", cwd=project)

    assert result.code == 0
    assert "! Run 1 was interrupted; it has been rolled back." in result.stderr
    assert tree(project).keys() < before.keys()
    assert "No run so far." in result.stderr


def test_a_project_without_models_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.oppman]\n")

    result = run(*BOOK)

    assert result.code == 1
    assert "Error: There is no webapp/models.py" in result.stderr


def test_models_that_are_no_python_are_told_by_every_command_that_reads_them(run: Run, project: Path) -> None:
    run(*BOOK, cwd=project)
    models = project / "webapp/models.py"
    models.write_text(models.read_text() + "\nclass Broken(:\n")

    for args in (("scaffold", "resource", "Tag", "label"), ("scaffold", "undo")):
        result = run(*args, cwd=project)

        assert (result.code, result.stdout) == (1, "")
        assert "class Broken(:\n" in result.stderr
        assert "Error: A file of the models, or of their schemas, is no Python" in result.stderr


def test_the_fields_are_explained(run: Run) -> None:
    result = run("scaffold", "fields")

    assert (result.code, result.stderr) == (0, "")
    assert "price:decimal:10.2:min=0" in result.stdout
    assert "searchable" in result.stdout
