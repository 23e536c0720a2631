"""Files, pictures and vectors of a resource: where they stand, and where they do not."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from oppman.project import Project
from oppman.scaffold.fields import Field, parse_fields
from oppman.scaffold.kinds import Kind
from oppman.scaffold.model_fields import fields_of, unknown_columns
from oppman.scaffold.models import read_models
from oppman.scaffold.naming import Names
from oppman.scaffold.resource import Options, Resource
from oppman.scaffold.slice import render

ROOT = Path(__file__).parents[3]
FIELDS = ("title:str", "cover:image", "manual:file:optional", "scan:image:hidden", "embedding:vector:8:optional")
API, SCHEMAS, MODELS = "webapp/routes/api/NAME.py", "webapp/schemas/NAME.py", "webapp/models.py"
SERVICE, ADMIN = "webapp/services/NAME_service.py", "webapp/admin.py"
PAGES, DETAIL, FORM = "webapp/routes/NAME.py", "templates/NAME/detail.html", "templates/NAME/form.html"


def book(*fields: str, **options: Any) -> Resource:
    return Resource(Names.of("Book"), parse_fields(fields), "Something to read.", {}, Options(**options))


def made(stub: str, *fields: str, **options: Any) -> str:
    return render(ROOT, book(*(fields or FIELDS), **options), stub)[stub]


def body(source: str, name: str) -> str:
    found = {
        node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef | ast.AsyncFunctionDef)
    }
    return ast.get_source_segment(source, found[name]) or ""


def routes(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.AsyncFunctionDef)}


def test_a_file_is_a_column_of_the_table_alone_and_may_be_empty() -> None:
    source = made(MODELS)
    assert "cover" not in body(source, "BookBase")
    for name in ("cover", "manual", "scan"):
        assert f"    {name}: str | None = Field(default=None, max_length=100)\n" in body(source, "Book")
    vector = "embedding: list[float] | None = Field(default=None, min_length=8, max_length=8, sa_type=Vector(8))"
    assert vector in body(source, "BookBase")
    assert "from webapp.vector import Vector\n" in source


def test_a_body_has_no_file_and_an_answer_has_the_name_of_one_that_is_not_hidden() -> None:
    source = made(SCHEMAS)
    for name in ("BookCreate", "BookUpdate"):
        assert "embedding: Embedding | None = Field(default=None, min_length=8, max_length=8)" in body(source, name)
        assert "cover" not in body(source, name)
    read = body(source, "BookRead")
    assert "    cover: StoredFile | None\n    manual: StoredFile | None\n" in read
    assert "scan" not in source


def test_each_file_has_an_address_of_its_own_and_a_hidden_one_cannot_be_fetched() -> None:
    extra = routes(made(API)) - routes(made(API, "title:str"))
    sent = {f"{verb}_book_{name}" for verb in ("set", "remove") for name in ("cover", "manual", "scan")}
    assert extra == sent | {"send_book_cover", "send_book_manual"}


def test_those_who_own_their_rows_need_no_permission_for_a_file() -> None:
    source = made(API, "title:str", "cover:image", owned=True)
    assert "require(" not in source
    for name in ("set_book_cover", "remove_book_cover", "send_book_cover"):
        assert "owner_id: OwnerId" in body(source, name)
        assert "_service." in body(source, name).partition("(session, owner_id, book_id")[0]


@pytest.mark.parametrize(("soft", "dropped"), [(False, 3), (True, 0)])
def test_the_files_of_a_deleted_row_go_with_it_unless_the_row_stays(soft: bool, dropped: int) -> None:
    assert body(made(SERVICE, soft_delete=soft), "delete_book").count("drop_file(session, book.") == dropped


def test_the_admins_form_and_list_have_no_file() -> None:
    source = made(ADMIN)
    assert 'form_columns: ClassVar = ["title", "embedding"]' in source
    assert 'column_list: ClassVar = ["id", "title", "created_at"]' in source


def test_a_resource_may_be_a_file_and_nothing_else() -> None:
    for stub in (API, SCHEMAS, MODELS, SERVICE, ADMIN, PAGES):
        ast.parse(made(stub, "scan:file"))
    assert "_EXAMPLE: dict[str, Any] = {}" in made(SCHEMAS, "scan:file")


def test_a_page_has_the_first_picture_for_its_monogram_and_the_rest_among_its_facts() -> None:
    html = made(DETAIL, "title:str", "manual:file", "cover:image", "back:image", "scan:image:hidden")
    head, facts, forms = re.split('<dl class="facts">|</dl>', html)
    assert '{% if book.cover %}\n  <img class="picture" src="/books/{{ book.id }}/cover"' in head
    assert 'alt="Cover of {{ book.title }}"' in head
    assert "monogram" in head.partition("{% else %}")[2]
    assert '<a href="/books/{{ book.id }}/manual">{{ book.manual|filename }}</a>' in facts
    assert 'alt="Back of {{ book.title }}"' in facts
    assert "cover" not in facts
    assert "scan" not in head + facts
    assert re.findall(r'upload\(form, "(\w+)"', forms) == ["manual", "cover", "back", "scan"]
    assert "upload(" not in made(FORM)
    assert "monogram" in made(DETAIL, "title:str", "scan:image:hidden").partition("{% if book.")[0]


def test_a_page_sends_its_files_by_routes_of_their_own_and_a_hidden_one_is_not_fetched() -> None:
    extra = routes(made(PAGES)) - routes(made(PAGES, "title:str"))
    sent = {f"{verb}_book_{name}" for verb in ("set", "remove") for name in ("cover", "manual", "scan")}
    assert extra == sent | {"send_book_cover", "send_book_manual", "_show_page"}
    assert "get_whole_book(" in body(made(PAGES), "_show_page")
    assert "get_book(" in body(made(PAGES, "cover:image"), "_show_page")


@pytest.mark.parametrize("owned", [False, True])
def test_the_forms_of_files_are_for_those_who_may(owned: bool) -> None:
    before, _, _ = made(DETAIL, owned=owned).partition("{{ upload(")
    assert before.rstrip().endswith('{% if may("book.change") %}') is not owned
    source = made(PAGES, owned=owned)
    for name in ("set_book_cover", "remove_book_scan"):
        assert ("user: MayChange" in body(source, name)) is not owned
    for name in ("set_book_cover", "remove_book_scan", "send_book_manual"):
        assert ("owner_id: OwnerId" in body(source, name)) is owned


def test_a_vector_of_a_model_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "webapp").mkdir()
    source = made(MODELS, "title:str", "embedding:vector:16000")
    (tmp_path / "webapp/models.py").write_text(source)
    models = read_models(Project(tmp_path))
    assert Field("embedding", Kind.VECTOR, dimensions=16_000) in fields_of(models["Book"], models)
    assert unknown_columns(models["Book"], models) == ()
