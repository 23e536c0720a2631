"""The fields of a form that choose from the rows of another table."""

import re

from webapp import pages
from webapp.forms import Form
from webapp.services.references import Choices

FEW = Choices([("1", "Ann"), ("2", "Bo & Co")])
MANY = Choices([("7", "Ann")], many=True, chosen="Ann", words="an")


def reference(choices: Choices, chosen: str = "", errors: dict[str, str] | None = None, **given: object) -> str:
    template = pages.environment().from_string('{{ reference(form, "host_id", "Host", choices, **given) }}')
    return template.render(form=Form({"host_id": chosen}, errors or {}), choices=choices, given=given)


def belongs_to(choices: Choices, chosen: str = "") -> str:
    template = pages.environment().from_string('{{ belongs_to(form, "host_id", "Host", choices) }}')
    return template.render(form=Form({"host_id": chosen}), choices=choices)


def options(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', html)


def test_a_few_rows_are_a_plain_select() -> None:
    html = reference(FEW, "2")
    assert options(html) == [("", "Choose one"), ("1", "Ann"), ("2", "Bo &amp; Co")]
    assert '<option value="2" selected>' in html
    assert "host_id-words" not in html


def test_what_is_optional_can_be_none() -> None:
    html = reference(Choices(), required=False)
    assert options(html) == [("", "None")]
    assert "(optional)" in html
    assert "hint" not in html


def test_a_required_row_that_is_not_there_can_be_created_by_those_who_may() -> None:
    assert '<a href="/hosts/new">Create the first one</a>' in reference(Choices(), new="/hosts/new")
    html = reference(Choices(), new="")
    assert "There is none to choose yet." in html
    assert "<a" not in html


def test_of_many_rows_one_is_looked_up_and_the_enter_key_saves_all_the_same() -> None:
    html = reference(MANY, "7")
    assert "Found by “an”." in html
    assert '<option value="7" selected>' in html
    assert '<input class="input" name="host_id-words"' in html
    buttons = re.findall(r"<button[^>]*>", html)
    assert ["name=" in button for button in buttons] == [False, True]
    assert "Nothing is called “xy”." in reference(Choices(many=True, words="xy"))
    assert "There are many: find one" in reference(Choices(many=True))


def test_a_mistake_stands_at_the_select() -> None:
    html = reference(MANY, errors={"host_id": "There is no host 7."})
    assert 'aria-describedby="host_id-hint host_id-error" aria-invalid="true"' in html
    assert 'id="host_id-error"' in html


def test_a_list_is_filtered_by_a_select_of_a_few_or_by_the_chosen_one_of_many() -> None:
    assert options(belongs_to(FEW, "1"))[0] == ("", "All")
    assert belongs_to(Choices()).strip() == ""
    assert belongs_to(Choices(many=True)).strip() == ""
    html = belongs_to(MANY, "7")
    assert '<input type="checkbox" name="host_id" value="7" checked> Host: Ann</label>' in html
