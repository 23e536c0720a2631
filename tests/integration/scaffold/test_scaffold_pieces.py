"""`oppman scaffold model, service, route, page, admin, test`: a piece by itself, for a model that is there or not."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import ROOT, Result, Run, clean_environment, python
from oppman.scaffold.render import STUBS
from tree import files as files_of

NOTE = '''

class Mood(StrEnum):
    """How it felt."""

    GOOD = "good"
    BAD = "bad"


class Note(SQLModel, table=True):
    """Something that somebody wrote down."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=80)
    text: str = Field(default="", sa_type=Text)
    mood: Mood = Field(default=Mood.GOOD, sa_type=_text_enum(Mood))
    due: datetime | None = Field(default=None, sa_type=UTCDateTime)
    webinar_id: int | None = Field(default=None, foreign_key="webinars.id", ondelete="SET NULL")
'''
RELATION = "\n    webinar: Webinar | None = Relationship(sa_relationship_kwargs=_EAGER_ONLY)\n"
MEMO = '''

class MemoBase(SQLModel):
    text: str = Field(sa_type=Text)
    mood: bool = False


class Memo(MemoBase, table=True):
    """Something to think of."""

    id: int | None = Field(default=None, primary_key=True)
'''
PIECES = ("service", "route", "page", "admin")


@pytest.fixture
def with_note(project: Path, run: Run) -> Path:
    """A project with a model that its owner wrote: no base class, no times."""
    models = project / "webapp/models.py"
    models.write_text(models.read_text() + NOTE + RELATION)
    shutil.copyfile(ROOT / "tests/webapp/conftest.py", _folder(project / "tests") / "conftest.py")
    assert run("db", "makemigrations", "-m", "add note", cwd=project).code == 0
    return project


def _folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def tree(root: Path) -> dict[str, bytes]:
    return files_of(root, "__pycache__", ".oppman")


def outcomes(result: Result) -> dict[str, str]:
    lines = (line.split() for line in result.stderr.splitlines() if line.startswith("  "))
    return {words[1]: words[0] for words in lines if len(words) == 2 and "/" in words[1]}


def passes(project: Path, *paths: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", *paths],
        cwd=project, env=clean_environment() | {"PYTHONPATH": str(project)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def linted(project: Path) -> None:
    """By the rules that a new project has."""
    rules = project.parent / "rules" / "pyproject.toml"
    _folder(rules.parent)
    rules.write_text(re.sub("<<[a-z]+>>", "", (STUBS / "project/pyproject").read_text()))
    for command in (["check"], ["format", "--check"]):
        python(project, "ruff", *command, "--no-cache", "--config", str(rules), ".")


def test_the_service_of_a_hand_written_model_works(run: Run, with_note: Path) -> None:
    before = tree(with_note)

    result = run("scaffold", "service", "note", cwd=with_note)

    assert (result.code, result.stdout) == (0, "")
    assert outcomes(result) == {
        "webapp/schemas/note.py": "create",
        "webapp/services/note_service.py": "create",
        "tests/integration/notes/conftest.py": "create",
        "tests/integration/notes/test_service.py": "create",
    }
    assert "Next:\n  oppman test tests/integration/notes\n" in result.stderr
    assert "created_at" not in (with_note / "webapp/schemas/note.py").read_text()
    passes(with_note, "tests/integration/notes")
    assert run("scaffold", "undo", cwd=with_note).code == 0
    assert tree(with_note) == before


def test_further_pieces_add_what_is_missing_and_leave_what_is_there(run: Run, with_note: Path) -> None:
    run("scaffold", "service", "note", cwd=with_note)
    service = with_note / "webapp/services/note_service.py"
    edited = service.read_text() + "\n\nWISH = 1\n"
    service.write_text(edited)

    route = run("scaffold", "route", "Note", cwd=with_note)

    assert route.code == 0, route.stderr
    assert outcomes(route)["webapp/services/note_service.py"] == "skip"
    assert outcomes(route)["webapp/schemas/note.py"] == "identical"
    assert outcomes(route)["webapp/routes/api/note.py"] == "create"
    assert run("scaffold", "admin", "note", cwd=with_note).code == 0
    assert service.read_text() == edited
    linted(with_note)
    passes(with_note, "tests/integration/notes/test_api.py", "tests/integration/notes/test_admin.py")
    again = run("scaffold", "test", "note", cwd=with_note)
    assert set(outcomes(again).values()) == {"identical"}
    assert "Nothing to do" in again.stderr


def test_the_pages_of_a_hand_written_model_work(run: Run, with_note: Path) -> None:
    dry = run("scaffold", "page", "note", "--dry-run", cwd=with_note)
    assert "+++ b/templates/note/list.html" in dry.stdout
    assert not (with_note / "templates/note").exists()

    assert run("scaffold", "page", "note", cwd=with_note).code == 0

    assert "Created" not in (with_note / "templates/note/list.html").read_text()
    linted(with_note)
    passes(with_note, "tests/integration/notes/test_pages.py")


def test_what_a_base_of_the_owners_does_not_limit_is_limited_by_the_schemas(run: Run, project: Path) -> None:
    models = project / "webapp/models.py"
    models.write_text(models.read_text() + MEMO)
    shutil.copyfile(ROOT / "tests/webapp/conftest.py", _folder(project / "tests") / "conftest.py")
    assert run("db", "makemigrations", "-m", "add memo", cwd=project).code == 0

    assert run("scaffold", "page", "memo", cwd=project).code == 0

    schemas = (project / "webapp/schemas/memo.py").read_text()
    create = schemas[schemas.index("class MemoCreate(MemoBase, Input)") : schemas.index("class MemoUpdate")]
    assert "max_length=10_000" in create
    assert "mood" not in create
    linted(project)
    passes(project, "tests/integration/memos")


@pytest.mark.parametrize(
    "said",
    [
        ("Book", "title:str:max=200", "pages:int:min=1", "website:url:optional", "by:ref:User",
         "day:date:min=2020-01-01", "state:enum:draft/live:default=draft", "tags:many:Product",
         "pin:secret", "mood:str:index",
         "--unique", "title,pages"),
        ("Shelf", "weight:float", "label", "code:str:unique", "notes:text:hidden:optional",
         "--owned", "--uuid", "--soft-delete", "--unique", "label,weight2", "weight2:int"),
    ],
    ids=["book", "shelf"],
)  # fmt: skip
def test_a_model_and_all_pieces_are_the_resource(
    run: Run, project: Path, tmp_path: Path, said: tuple[str, ...]
) -> None:
    other = tmp_path / "other" / "shop"
    shutil.copytree(project, other)
    assert run("scaffold", "resource", *said, cwd=other).code == 0

    made = run("scaffold", "model", *said, cwd=project)

    assert made.code == 0, made.stderr
    assert set(outcomes(made).values()) == {"insert", "create"}
    assert len(outcomes(made)) == 2
    for piece in PIECES:
        result = run("scaffold", piece, said[0], cwd=project)
        assert result.code == 0, result.stderr
    whole, pieces = tree(other), tree(project)
    for path in [path for path in whole if path.startswith(("webapp/demo", "migrations"))]:
        whole.pop(path)
        pieces.pop(path, None)
    assert {path for path in whole if whole[path] != pieces.get(path)} == set()
    assert whole.keys() == {path for path in pieces if not path.startswith("migrations")}


@pytest.mark.parametrize(
    ("piece", "files", "says"),
    [
        ("service", ["webapp/services/report_service.py"], "raise NotImplementedError"),
        ("route", ["webapp/routes/api/report.py", "webapp/routes/api/__init__.py"], "raise NotImplementedError"),
        (
            "page",
            ["webapp/routes/report.py", "templates/report/list.html", "webapp/main.py", "webapp/pages.py"],
            "Call",
        ),
        ("test", ["tests/integration/test_report.py"], "raise NotImplementedError"),
    ],
)
def test_without_a_model_it_is_a_skeleton_that_says_what_to_fill_in(
    run: Run, project: Path, piece: str, files: list[str], says: str
) -> None:
    before = tree(project)

    result = run("scaffold", piece, "Report", cwd=project)

    assert (result.code, result.stdout) == (0, "")
    assert "! The project has no model Report: this is a skeleton" in result.stderr
    assert sorted(outcomes(result)) == sorted(files)
    assert says in (project / files[0]).read_text()
    linted(project)
    imported = (
        "import webapp.main, webapp.routes.api" if piece != "service" else "import webapp.services.report_service"
    )
    assert subprocess.run([sys.executable, "-c", imported], cwd=project, env=clean_environment()).returncode == 0
    if piece == "test":
        shutil.copyfile(ROOT / "tests/webapp/conftest.py", project / "tests/conftest.py")
        passes(project, "tests/integration/test_report.py")
        (project / "tests/conftest.py").unlink()
    assert run("scaffold", "undo", cwd=project).code == 0
    assert tree(project) == before


def test_what_is_there_is_kept_and_what_it_lacks_is_told(run: Run, with_note: Path) -> None:
    service = with_note / "webapp/services/note_service.py"
    service.write_text('"""Mine."""\n\n\nasync def get_note() -> None: ...\n')

    result = run("scaffold", "route", "note", cwd=with_note)

    assert result.code == 0
    assert "! webapp/services/note_service.py stays as it is, and what is new needs of it: create_note" in result.stderr
    assert "get_note" not in result.stderr
    assert outcomes(run("scaffold", "service", "note", cwd=with_note))["webapp/services/note_service.py"] == "skip"
    forced = run("scaffold", "service", "note", "--force", cwd=with_note)
    assert outcomes(forced)["webapp/services/note_service.py"] == "overwrite"
    assert "async def create_note" in service.read_text()


@pytest.mark.parametrize(
    ("change", "args", "message"),
    [
        ("", ("admin", "Report"), "The project has no model Report, and the admin shows rows of one."),
        (
            RELATION,
            ("admin", "note"),
            "The admin shows Note.webinar_id through a relationship, and the model has none.",
        ),
        (
            "    id: int | None = Field(default=None, primary_key=True)\n    title",
            ("service", "note"),
            "has no column id",
        ),
        ('    text: str = Field(default="", sa_type=Text)', ("service", "note"), "Note.text has to be filled in"),
        ("", ("test", "note"), "There is nothing of Note to test yet"),
        ("", ("service", "note s"), "'note s' cannot name a resource"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is(
    run: Run, with_note: Path, change: str, args: tuple[str, ...], message: str
) -> None:
    models = with_note / "webapp/models.py"
    source, note, own = models.read_text().partition("class Note(")
    other = {"id": "    key: int = Field(primary_key=True)\n    title", "te": "    text: bytes"}.get(
        change.strip()[:2], ""
    )
    models.write_text(source + note + (own.replace(change, other) if change else own))
    before = tree(with_note)

    result = run("scaffold", *args, cwd=with_note)

    assert result.code in {1, 2}
    assert message in result.stderr
    assert "Hint: " in result.stderr
    assert tree(with_note) == before
