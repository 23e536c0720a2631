"""What models are called where people read it."""

import pytest
from sqlmodel import SQLModel

from webapp.labels import label, plural_label
from webapp.models import AuditEntry, Role


def a_model(name: str, table: str) -> type[SQLModel]:
    return type(name, (SQLModel,), {"__tablename__": table, "__module__": __name__})


@pytest.mark.parametrize(
    ("name", "table", "one", "several"),
    [
        ("BookReview", "book_reviews", "Book review", "Book reviews"),
        ("Person", "people", "Person", "People"),
        ("News", "news", "News", "News"),
        ("Category", "categories", "Category", "Categories"),
        ("APIKey", "api_keys", "API key", "API keys"),
        ("API", "apis", "API", "APIs"),
        ("OldCD", "old_cds", "Old CD", "Old CDs"),
        ("Price", "_old_price_list", "Price", "Old price list"),
        ("book", "book", "Book", "Book"),
    ],
)
def test_one_is_called_after_its_class_and_several_after_their_table(
    name: str, table: str, one: str, several: str
) -> None:
    model = a_model(name, table)
    assert (label(model), plural_label(model)) == (one, several)


def test_the_models_of_the_app_are_called_as_they_are() -> None:
    assert (label(AuditEntry), plural_label(AuditEntry), plural_label(Role)) == (
        "Audit entry",
        "Audit entries",
        "Roles",
    )
