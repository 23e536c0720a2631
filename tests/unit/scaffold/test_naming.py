import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oppman.errors import InvalidName
from oppman.scaffold.naming import Names, check_name, plural_of

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}(?:[-_][A-Za-z0-9]{1,5}){0,3}", fullmatch=True)


@pytest.mark.parametrize("name", ["BookReview", "book_review", "book-review", "Book_Review"])
def test_every_way_to_write_a_name_gives_the_same_names(name: str) -> None:
    names = Names.of(name)

    assert names == Names("BookReview", "book_review", "book_reviews", "Book review", "Book reviews")
    assert (names.table, names.slug, names.many) == ("book_reviews", "book-reviews", "book_reviews")


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("category", "categories"),
        ("person", "people"),
        ("status", "statuses"),
        ("analysis", "analyses"),
        ("child", "children"),
        ("box", "boxes"),
        ("bus", "buses"),
        ("quiz", "quizzes"),
        ("criterion", "criteria"),
        ("leaf", "leaves"),
        ("hero", "heroes"),
        ("movie", "movies"),
        ("axis", "axes"),
        ("lens", "lenses"),
        ("virus", "viruses"),
        ("schema", "schemas"),
        ("sales_person", "sales_people"),
    ],
)
def test_an_irregular_plural_is_right(singular: str, plural: str) -> None:
    assert Names.of(singular).plural == plural
    assert plural_of(singular) == plural


@pytest.mark.parametrize("name", ["news", "series", "sheep", "data", "sensor_data", "species"])
def test_an_uncountable_word_has_a_variable_for_several_that_differs(name: str) -> None:
    names = Names.of(name)

    assert names.table == names.singular == name
    assert names.many == f"{name}_items"


@pytest.mark.parametrize(
    ("name", "suggestion"), [("books", "Book"), ("People", "Person"), ("BookReviews", "BookReview"), ("axes", "Axis")]
)
def test_a_plural_is_refused_with_its_singular(name: str, suggestion: str) -> None:
    with pytest.raises(InvalidName, match="is a plural") as caught:
        Names.of(name)

    assert f"`{suggestion}`" in caught.value.hint
    assert "--plural" in caught.value.hint


def test_a_given_plural_is_taken_as_it_is() -> None:
    names = Names.of("Gymnastics", plural="GymnasticsClasses")

    assert (names.singular, names.plural) == ("gymnastics", "gymnastics_classes")
    assert names.plural_label == "Gymnastics classes"


def test_capitals_of_an_abbreviation_are_kept() -> None:
    names = Names.of("APIKey")

    assert (names.class_name, names.singular, names.slug) == ("APIKey", "api_key", "api-keys")
    assert (names.label, names.plural_label) == ("API key", "API keys")
    assert Names.of("PublicAPI").plural_label == "Public APIs"


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("my shop", "MyShop"),
        ("2fa", "Fa"),
        ("Café", "Cafe"),
        ("_Book", "Book"),
        ("shop.Book", "ShopBook"),
        ("", "Book"),
    ],
)
def test_what_is_no_identifier_is_refused(name: str, suggestion: str) -> None:
    with pytest.raises(InvalidName, match="cannot name a resource") as caught:
        Names.of(name)

    assert f"`{suggestion}`" in caught.value.hint


def test_a_name_that_databases_would_cut_is_refused() -> None:
    with pytest.raises(InvalidName, match="longer than 40"):
        Names.of("Book" * 11)


@pytest.mark.parametrize("name", ["Book", "Order", "Match", "Case", "Group", "Index2", "Testimonial"])
def test_a_name_that_breaks_nothing_passes(name: str) -> None:
    check_name(Names.of(name), taken={"Author", "authors", "author"})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Class", "keyword of Python"),
        ("Import", "keyword of Python"),
        ("Type", "builtin of Python"),
        ("List", "builtin of Python"),
        ("Set", "builtin of Python"),
        ("Id", "builtin of Python"),
        ("Property", "builtin of Python"),
        ("Object", "builtin of Python"),
        ("License", "builtin of Python"),
        ("Warning", "builtin of Python"),
        ("Metadata", "every SQLModel has"),
        ("Registry", "every SQLModel has"),
        ("Json", "every SQLModel has"),
        ("Field", "import another Field"),
        ("Page", "import another Page"),
        ("Value", "reserved word of SQL"),
        ("SqliteLog", "SQLite keeps"),
    ],
)
def test_a_reserved_name_is_refused_with_one_that_would_do(name: str, reason: str) -> None:
    with pytest.raises(InvalidName, match=reason) as caught:
        check_name(Names.of(name))

    suggestion = caught.value.hint.removesuffix("` would do.").removeprefix("`")
    check_name(Names.of(suggestion))


@pytest.mark.parametrize(
    ("taken", "what"),
    [
        ("BookReview", "class"),
        ("book_review", "module"),
        ("book_reviews", "table"),
        ("book-reviews", "address"),
        ("book_review_service", "service"),
        ("BookReviewCreate", "schema"),
    ],
)
def test_a_name_that_the_project_has_is_refused(taken: str, what: str) -> None:
    with pytest.raises(InvalidName, match=f"the project has a '{taken}' already, which would be its {what}"):
        check_name(Names.of("BookReview"), taken=[taken])


def test_a_suggestion_is_not_taken_either() -> None:
    with pytest.raises(InvalidName) as caught:
        check_name(Names.of("Class"), taken=["Course", "lessons"])

    assert caught.value.hint == "`ClassRecord` would do."


@given(WORDS)
def test_a_class_and_a_module_lead_back_to_the_same_names(name: str) -> None:
    try:
        names = Names.of(name)
    except InvalidName:
        return

    assert Names.of(names.class_name) == names
    assert Names.of(names.singular).singular == names.singular
    assert names.many != names.singular
    assert all(word.isidentifier() for word in (names.class_name, names.singular, names.table, names.many))


@given(st.text(max_size=60), st.none() | st.text(max_size=20))
def test_any_text_is_a_name_or_is_refused(name: str, plural: str | None) -> None:
    with suppress(InvalidName):
        check_name(Names.of(name, plural))
        assert name.isascii()


def test_the_rules_of_english_are_not_loaded_before_they_are_asked() -> None:
    program = "import sys, oppman.scaffold.naming; sys.exit('pluralizer' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
