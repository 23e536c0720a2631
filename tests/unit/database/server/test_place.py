"""Where the embedded server of a project is, and which DATABASE_URL names it."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import make_url

from oppman.database.server.place import LONGEST, SHARED, SOCKET, address_for, embedded, looks_embedded, place_for
from oppman.project import Project


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests run as a user who is not root."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests run as root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.usefixtures("somebody")
def test_the_data_and_the_socket_lie_in_the_project() -> None:
    place = place_for(Path("/srv/shop"))
    assert place.home == place.sockets == Path("/srv/shop/.postgres")
    assert address_for(Path("/srv/shop")) == "postgresql://postgres@/shop?host=/srv/shop/.postgres"


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("part", ["x" * 200, "ü" * 60])
def test_a_path_too_long_for_a_socket_moves_the_socket_and_not_the_data(part: str) -> None:
    place, other = place_for(Path(f"/srv/{part}/shop")), place_for(Path(f"/srv/{part}/other"))
    assert place.home == Path(f"/srv/{part}/shop/.postgres")
    assert len(os.fsencode(place.sockets / SOCKET)) <= LONGEST
    assert place.sockets != other.sockets
    assert place == place_for(Path(f"/srv/{part}/shop"))


@pytest.mark.usefixtures("somebody")
def test_the_longest_path_that_a_socket_may_have_stays_in_the_project() -> None:
    rest = len(f"/srv/shop/.postgres/{SOCKET}")
    fits = Path("/srv" + "x" * (LONGEST - rest), "shop")
    assert place_for(fits).sockets == fits / ".postgres"
    too_long = fits.with_name("shops")
    assert place_for(too_long).sockets != too_long / ".postgres"


@pytest.mark.usefixtures("root")
def test_root_s_data_lies_where_another_user_can_be() -> None:
    place, other = place_for(Path("/root/shop")), place_for(Path("/root/a/shop"))
    assert (place.home.parent, place.home.name.rpartition("-")[0]) == (SHARED, "shop")
    assert place.sockets == place.home
    assert place.home != other.home


@pytest.mark.usefixtures("root")
def test_root_s_project_may_move_away_from_its_data() -> None:
    url = address_for(Path("/root/shop"))
    assert embedded(Project(Path("/root/elsewhere/shop")), url) == place_for(Path("/root/shop"))


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("folder", ["/srv/a b/shop", "/srv/a&b=c/shop", "/srv/50% + #1/shop", "/srv/ü@x/shop"])
def test_the_address_says_the_same_to_everybody_who_reads_it(folder: str) -> None:
    url = address_for(Path(folder))
    sockets = f"{folder}/.postgres"
    assert parse_qs(urlsplit(url).query)["host"] == [sockets]
    read = make_url(url)
    assert (read.query["host"], read.username, read.database) == (sockets, "postgres", "shop")
    assert embedded(Project(Path(folder)), url) == place_for(Path(folder))


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///app.db",
        "postgresql://localhost/shop",
        "postgresql://postgres@/shop?host=/run/postgresql",
        "postgresql://postgres@/shop?host=/srv/other/.postgres",
        "postgresql://postgres@/shop?host=/var/lib/oppman/shop-0123456789",
        "postgresql://[bad/shop",
        "",
    ],
)
def test_other_databases_are_not_the_project_s_server(url: str) -> None:
    assert embedded(Project(Path("/srv/shop")), url) is None


@pytest.mark.parametrize(
    ("folder", "it_is"),
    [
        ("/srv/other/.postgres", True),
        ("/var/lib/oppman/shop-0123456789", True),
        ("/tmp/oppman-0123456789", True),
        ("/tmp/oppman-postgres-0123456789", False),
        ("/tmp/oppman-bench", False),
        ("/home/oppman-0123456789", False),
        ("/run/postgresql", False),
    ],
)
def test_an_embedded_server_of_another_project_is_known_by_its_folder(folder: str, it_is: bool) -> None:
    assert looks_embedded(f"postgresql://postgres@/shop?host={folder}") is it_is
