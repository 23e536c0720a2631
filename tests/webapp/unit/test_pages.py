"""What templates are given to write with."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from jinja2 import UndefinedError
from sqlalchemy import create_engine, text
from starlette.requests import Request

from webapp import pages

EVENING = datetime(2026, 3, 1, 0, 5, tzinfo=timezone(timedelta(hours=2)))


def test_money_has_two_places_and_groups() -> None:
    assert pages.money(Decimal("1234.5")) == "$1,234.50"


def test_a_time_is_shown_in_utc_whatever_zone_it_came_in() -> None:
    assert pages.time(EVENING) == '<time datetime="2026-02-28T22:05Z">Sat 28 Feb 2026, 22:05 UTC</time>'
    assert pages.date(EVENING) == '<time datetime="2026-02-28">28 Feb 2026</time>'


def test_a_time_can_ask_for_the_readers_own_zone() -> None:
    assert "data-local" in pages.time(datetime(2026, 1, 1, tzinfo=UTC), local=True)


def test_days_and_amounts_are_shown_as_what_they_are_however_often() -> None:
    for _ in range(2):
        assert pages.date(EVENING + timedelta(days=1)) == '<time datetime="2026-03-01">1 Mar 2026</time>'
        assert pages.money(Decimal("-3")) == "$-3.00"


def test_a_day_is_shown_like_the_day_of_a_time() -> None:
    assert pages.date(date(2026, 3, 1)) == '<time datetime="2026-03-01">1 Mar 2026</time>'


def test_a_small_number_is_shown_with_all_its_places() -> None:
    assert pages.number(Decimal("0E-8")) == "0.00000000"


def test_json_is_shown_in_lines() -> None:
    assert pages.pretty({"größe": [1]}) == '{\n  "größe": [\n    1\n  ]\n}'


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"


def test_an_enum_is_chosen_by_what_a_person_calls_it() -> None:
    named = (("draft", "Draft"), ("in_review", "In review"))
    assert pages.options(State) == named
    assert pages.options(State, "All") == (("", "All"), *named)


def test_choices_are_escaped_and_one_is_selected() -> None:
    options = [("", "All"), ("<b>", "Bed & Bath")]
    assert pages.choices(options, "<b>") == (
        '<option value="">All</option>\n<option value="&lt;b&gt;" selected>Bed &amp; Bath</option>'
    )
    assert "selected" not in pages.choices(options, None)


def test_rows_for_a_template_keep_their_names() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT 1 AS id, 'Cup' AS name")).all()
    engine.dispose()
    assert [(row.id, row.name) for row in pages.rows(rows)] == [(1, "Cup")]
    assert pages.rows([]) == []


def test_every_component_is_at_hand_in_every_template() -> None:
    assert "#moon" in pages.environment().from_string('{{ icon("moon") }}').render()


def test_templates_escape_what_they_show() -> None:
    template = pages.environment().from_string("{{ name }}")
    assert template.render(name="<script>") == "&lt;script&gt;"


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        pages.environment().from_string("{{ nmae }}").render(name="Ada")


def test_the_address_of_a_static_file_carries_its_version() -> None:
    address = pages.asset("app.css")
    assert address.startswith("/static/app.css?v=")
    assert address != pages.asset("app.js")


def test_a_link_keeps_the_query_and_changes_what_it_is_told() -> None:
    request = Request({"type": "http", "path": "/notes", "query_string": b"q=a%26b&after=x&sort=", "headers": []})
    assert pages.link(request, after="n xt") == "/notes?q=a%26b&after=n+xt"
    assert pages.steps(request, None) == {"first": "/notes?q=a%26b", "next": ""}


@pytest.mark.parametrize("address", ["/", "/account", "/webinars/3?q=a%20b#top"])
def test_a_path_of_this_site_is_followed_after_the_log_in(address: str) -> None:
    assert pages.local_path(address, "/account") == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/\t/evil",
        "/\n/evil",
        " /x",
        "evil",
    ],
)
def test_an_address_elsewhere_is_not_followed_after_the_log_in(address: str) -> None:
    assert pages.local_path(address, "/account") == "/account"
