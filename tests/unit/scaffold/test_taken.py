"""Which names a project uses already, read from its source."""

from pathlib import Path

from oppman.project import Project
from oppman.scaffold.taken import taken_names


def test_the_starter_s_names_are_taken(project: Path) -> None:
    taken = taken_names(Project(project))

    assert {"Product", "products", "product", "product_service", "ProductRead", "webinars", "UserRole"} <= taken
    assert {"admin", "docs", "dashboard"} <= taken  # addresses without a table
    assert {"components", "things"} <= taken  # a folder of templates, a module of demo data
    assert not {"Book", "book", "books"} & taken


def test_a_file_with_a_syntax_error_has_no_names_and_stops_nothing(project: Path) -> None:
    (project / "webapp/routes/broken.py").write_text('router = Router(prefix="/gone"\n')

    assert "broken" in taken_names(Project(project))
    assert "gone" not in taken_names(Project(project))
