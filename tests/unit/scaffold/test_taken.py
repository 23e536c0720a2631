"""Which names a project uses already, read from its source."""

from pathlib import Path

from oppman.project import Project
from oppman.scaffold.models import read_models
from oppman.scaffold.taken import taken_names


def names(root: Path) -> set[str]:
    return taken_names(Project(root), read_models(Project(root)))


def test_the_starter_s_names_are_taken(project: Path) -> None:
    taken = names(project)

    assert {"Product", "products", "product", "product_service", "ProductRead", "webinars", "UserRole"} <= taken
    assert {"admin", "docs", "dashboard"} <= taken  # addresses without a table
    assert {"components", "demo/things"} <= taken  # a folder of templates, a module of demo data
    assert not {"Book", "book", "books"} & taken


def test_a_file_that_cannot_be_read_stops_nothing(project: Path) -> None:
    (project / "webapp/routes/broken.py").write_text('router = Router(prefix="/gone"\n')
    (project / "webapp/schemas/latin.py").write_bytes(b"class Caf\xe9: pass\n")

    assert {"broken", "gone", "latin"} <= names(project)
