"""What each kind of field is on the pages."""

import re
from pathlib import Path

import pytest

from oppman.project import Project
from oppman.scaffold.fields import parse_fields
from oppman.scaffold.insert import HtmlAfter
from oppman.scaffold.models import Model
from oppman.scaffold.naming import Names
from oppman.scaffold.page_code import NAMES_OF_TEMPLATES
from oppman.scaffold.plan import Change
from oppman.scaffold.resource import Resource
from oppman.scaffold.slice import render, steps

ROOT = Path(__file__).parents[3]
LIST, DETAIL, FORM, ROUTE = (
    "templates/NAME/list.html", "templates/NAME/detail.html", "templates/NAME/form.html", "webapp/routes/NAME.py",
)  # fmt: skip


def resource(*fields: str, name: str = "Book", root: Path = ROOT) -> Resource:
    path = root / "webapp/models.py"
    models = {
        "User": Model("User", "users", (), "name", path),
        "Author": Model("Author", "authors", (), "name", path),
    }
    return Resource(Names.of(name), parse_fields(fields), "One.", models)


def made(stub: str, *fields: str, name: str = "Book", root: Path = ROOT) -> str:
    return render(ROOT, resource(*fields, name=name, root=root), stub)[stub]


@pytest.fixture
def with_authors(tmp_path: Path) -> Path:
    """The root of a project whose authors have pages."""
    (tmp_path / "webapp/routes").mkdir(parents=True)
    routes = 'pages = Router(prefix="/writers")\n@pages.get("/new")\n@pages.get("/{author_id}")\n'
    (tmp_path / "webapp/routes/author.py").write_text(routes, encoding="utf-8")
    (tmp_path / "templates/author").mkdir(parents=True)
    (tmp_path / "templates/author/detail.html").write_text("{{ author.id }}\n  </dl>\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("city:str", "<td>{{ row.city }}</td>"),
        ("pages:int", '<td class="num" data-label="Pages">{{ row.pages }}</td>'),
        ("unit_price:decimal", '<td class="num">{{ row.unit_price|money }}</td>'),
        ("price_level:decimal", '<td class="num" data-label="Price level">{{ row.price_level|number }}</td>'),
        ("price:decimal:10.4", '<td class="num" data-label="Price">{{ row.price|number }}</td>'),
        ("born:date", '<td data-label="Born">{{ row.born|date }}</td>'),
        ("seen_at:datetime", '<td data-label="Seen at">{{ row.seen_at|time }}</td>'),
        ("opens:time", '<td data-label="Opens">{{ row.opens.strftime("%H:%M") }}</td>'),
        ("mood:enum:good/bad", '<td><span class="badge">{{ row.mood|label }}</span></td>'),
        (
            "mail:email:optional",
            '<td>{% if row.mail %}<a href="mailto:{{ row.mail }}">{{ row.mail }}</a>{% endif %}</td>',
        ),
        ("code:str:unique:optional", '<td>{{ row.code or "" }}</td>'),
        ("pages:int:optional", "{% if row.pages is not none %}{{ row.pages }}{% endif %}</td>"),
        ("sure:bool:optional", "{% elif row.sure is not none %}"),
        ("author:ref:Author", '<td data-label="Author">{{ names["author_id"][row.author_id] }}</td>'),
    ],
)
def test_a_list_has_a_cell_of_the_fields_kind(field: str, cell: str) -> None:
    assert cell in made(LIST, "title:str", field)


@pytest.mark.parametrize(
    ("field", "fact"),
    [
        ("isbn:str", "<dt>ISBN</dt><dd>{{ book.isbn }}</dd>"),
        ("code:uuid", "<dd><code>{{ book.code }}</code></dd>"),
        ("site:url", '<dd><a href="{{ book.site }}" rel="nofollow">{{ book.site }}</a></dd>'),
        ("site:url:optional", "{% if book.site %}<a href"),
        ("settings:json", "<dd>{% if book.settings %}<pre>{{ book.settings|pretty }}</pre>{% else %}—{% endif %}</dd>"),
        ("notes:text:optional", '<dd class="prose">{{ book.notes or "—" }}</dd>'),
        ("pages:int:optional", "<dd>{% if book.pages is none %}—{% else %}{{ book.pages }}{% endif %}</dd>"),
        ("mood:enum:good/bad", "<dd>{{ badge(book.mood|label) }}</dd>"),
    ],
)
def test_a_detail_has_a_fact_of_the_fields_kind(field: str, fact: str) -> None:
    assert fact in made(DETAIL, "title:str", field)


@pytest.mark.parametrize(
    ("field", "control"),
    [
        ("code:str:max=20:min=3", '{{ field(form, "code", "Code", hint="At least 3 characters.", maxlength=20) }}'),
        ("code:str:default=a", '{{ field(form, "code", "Code", required=false, maxlength=200) }}'),
        ("pages:int", '{{ field(form, "pages", "Pages") }}'),
        ("pages:int:min=1:max=5", 'hint="From 1 to 5.", inputmode="numeric") }}'),
        ("weight:float:min=0", 'inputmode="decimal") }}'),
        ("born:date:optional", '{{ field(form, "born", "Born", type="date", required=false) }}'),
        ("born:date:optional:default=2000-01-01", '{{ field(form, "born", "Born", type="date") }}'),
        ("seen_at:datetime", 'type="datetime-local", hint="In UTC.") }}'),
        ("opens:time", 'type="time") }}'),
        ("mail:email", 'type="email", maxlength=254) }}'),
        ("site:url", 'type="url", maxlength=2000) }}'),
        ("notes:text", '{{ textarea(form, "notes", "Notes", maxlength=10000) }}'),
        ("settings:json", '{{ textarea(form, "settings", "Settings", hint="An object of JSON'),
        ("sure:bool", '{{ check(form, "sure", "Sure") }}'),
        ("sure:bool:optional", '[("", "Not said"), ("true", "Yes"), ("false", "No")], required=false) }}'),
        ("mood:enum:so_so/bad:default=bad", '"Mood", [("so_so", "So so"), ("bad", "Bad")]) }}'),
        ("mood:enum:good/bad", '"Mood", [("", "Choose one")] + [("good", "Good"), ("bad", "Bad")]) }}'),
        ("mood:enum:good/bad:optional", '[("", "None")] + [("good", "Good"), ("bad", "Bad")], required=false) }}'),
        ("author:ref:Author", '{{ reference(form, "author_id", "Author", choices["author_id"]) }}'),
        ("secret:str:hidden", '{{ field(form, "secret", "Secret", maxlength=200) }}'),
    ],
)
def test_a_form_has_an_input_of_the_fields_kind(field: str, control: str) -> None:
    assert control in made(FORM, "title:str", field)


def test_what_is_hidden_is_in_the_form_alone() -> None:
    fields = ("title:str:hidden", "notes:text:hidden", "author:ref:Author:hidden", "is_new:bool:hidden")
    for stub in (LIST, DETAIL):
        html = made(stub, *fields)
        assert not re.search("title }}|notes|author|is_new", html)
        assert "Book {{ " in html
    route = made(ROUTE, *fields)
    assert "get_whole_book(session, book_id)" in route
    assert "get_whole_book" in made("webapp/services/NAME_service.py", *fields)


def test_a_list_has_as_many_columns_as_it_has_room_for_and_states_first() -> None:
    html = made(LIST, "title:str", *(f"size_{n}:int" for n in range(9)), "author:ref:Author", "mood:enum:good/bad")
    headings = re.findall(r'\("([^"]+)", "[^"]*"\)', html.partition("{% call table(")[2].partition("]")[0])
    assert headings == ["Title", "Size 0", "Size 1", "Size 2", "Size 3", "Author", "Mood", "Created"]


def test_a_parent_that_has_pages_is_linked_both_ways(with_authors: Path) -> None:
    fields = ("title:str", "author:ref:Author")
    cell = '<a href="/writers/{{ row.author_id }}">{{ names["author_id"][row.author_id] }}</a>'
    assert cell in made(LIST, *fields, root=with_authors)
    assert 'new="/writers/new" if may("author.add")) }}' in made(FORM, *fields, root=with_authors)
    found = resource("author:ref:Author", "translator:ref:Author:optional", root=with_authors)
    changes = [step for step in steps(Project(with_authors), found) if isinstance(step, Change)]
    edits = [edit for change in changes if change.path == "templates/author/detail.html" for edit in change.edits]
    assert [edit.html for edit in edits if isinstance(edit, HtmlAfter)] == [
        '<p><a href="/books?author_id={{ author.id }}">Books</a></p>',
        '<p><a href="/books?translator_id={{ author.id }}">Books (translator)</a></p>',
    ]


def test_a_row_of_its_own_table_is_linked_both_ways() -> None:
    html = made(DETAIL, "title:str", "sequel_of:ref:self:optional")
    assert '<a href="/books/{{ book.sequel_of_id }}">' in html
    assert '<p><a href="/books?sequel_of_id={{ book.id }}">Books (sequel of)</a></p>' in html


def test_not_everybody_may_choose_from_all_users() -> None:
    route = made(ROUTE, "title:str", "editor:ref:User", "author:ref:Author")
    assert '"editor_id": references.Named(User, "name", private=True)' in route
    assert '"author_id": references.Named(Author, "name")' in route


def test_a_list_without_anything_to_filter_by_has_no_filters() -> None:
    html = made(LIST, "seen:date:optional")
    assert "filters(" not in html
    assert "filtered" not in html + made(ROUTE, "seen:date:optional")


def test_the_filter_of_a_box_says_what_is_left() -> None:
    assert '{{ check(form, "is_new", "New only") }}' in made(LIST, "is_new:bool")


@pytest.mark.parametrize("name", ["Address", "Badge", "Section", "Title"])
def test_a_row_is_not_called_like_what_its_template_needs(name: str) -> None:
    row = name.lower()
    assert f"{row}_row=await {row}_service.get_{row}(" in made(ROUTE, "kind:str", name=name)
    assert f"{{{{ {row}_row.kind }}}}" in made(DETAIL, "kind:str", name=name)


def test_every_macro_that_a_page_calls_is_a_name_that_no_row_has() -> None:
    html = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates/components").glob("*.html"))
    macros = set(re.findall(r"\{% macro (\w+)\(", html))
    fields = ("t:str:searchable", "a:ref:Author", "b:bool", "c:enum:x/y", "d:text", "e:str:index", "f:image")
    pages = "".join(made(stub, *fields) for stub in (LIST, DETAIL, FORM))
    assert {name for name in macros if re.search(rf"\b{name}\(", pages)} <= NAMES_OF_TEMPLATES
