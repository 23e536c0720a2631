import re
from xml.etree import ElementTree

from oppman.docs.diagram import lay_out
from oppman.docs.drawing import describe, svg
from oppman.docs.models import Column, Reference, Table

SVG = "{http://www.w3.org/2000/svg}"


def column(name: str, type: str = "integer", *, unique: bool = False, to: str = "", required: bool = True) -> Column:
    return Column(name, type, name == "id", required, unique, "", (), Reference(to, "id", "") if to else None, "")


USERS = Table("users", "User", "", (column("id"), column("name", 'varchar(<&">)', required=False)), (), ())
PROFILES = Table("profiles", "", "", (column("id"), column("user_id", to="users", unique=True)), (), ())
NOTES = Table("notes", "", "", (column("id"), column("user_id", to="users")), (), ())


def test_the_drawing_is_xml_with_every_name_escaped() -> None:
    root = ElementTree.fromstring(svg(lay_out([USERS, NOTES])))

    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"users", "User", "notes", "id", "name", 'varchar(<&">)?'} <= set(texts)


def test_the_words_beside_the_drawing_name_every_table_and_relation() -> None:
    root = ElementTree.fromstring(svg(lay_out([USERS, NOTES])))

    assert root.findtext(f"{SVG}desc") == "2 tables: notes, users. notes.user_id refers to users.id."
    assert root.get("aria-labelledby") == "diagram-title diagram-text"
    assert describe(lay_out([])) == "No tables."


def test_in_a_page_every_table_is_a_link_to_its_section() -> None:
    root = ElementTree.fromstring(svg(lay_out([USERS, NOTES])))

    assert [link.get("href") for link in root.iter(f"{SVG}a")] == ["#table-notes", "#table-users"]
    assert root.get("role") == "group"


def test_alone_it_is_one_picture_with_colours_for_light_and_dark() -> None:
    alone = svg(lay_out([USERS, NOTES]), alone=True)
    root = ElementTree.fromstring(alone)

    assert (root.get("role"), list(root.iter(f"{SVG}a"))) == ("img", [])
    light, dark = (root.findtext(f"{SVG}style") or "").split("@media (prefers-color-scheme: dark)")
    classes = set(re.findall(r'class="(\w+)"', alone)) - {"diagram", "relation"}
    assert classes <= set(re.findall(r"\.(\w+)", light)) == set(re.findall(r"\.(\w+)", dark))


def test_one_of_many_ends_in_a_fork_and_one_of_one_in_a_bar() -> None:
    many, one = svg(lay_out([USERS, NOTES])), svg(lay_out([USERS, PROFILES]))
    fork = re.compile(r'class="line" d="M[\d.]+ [\d.]+L[\d.]+ [\d.]+L')

    assert len(fork.findall(many)) == 1
    assert fork.findall(one) == []


def test_a_very_long_name_is_shortened_so_that_it_stays_in_its_box() -> None:
    long = Table("t" * 60, "", "", (column("c" * 60, "y" * 60),), (), ())
    (box,) = lay_out([long]).boxes

    longest = max(len(text) for text in re.findall(r">([^<]*)</text>", svg(lay_out([long]))))
    assert longest <= 34
    assert box.width < 600
