"""Where the models of a project are, and what a new one takes there: in one module, or in one of its own."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from oppman.errors import Refused
from oppman.project import Project
from oppman.scaffold import foundation
from oppman.scaffold.insert.module import module_edits
from oppman.scaffold.insert.outline import outline
from oppman.scaffold.models import Model, model_files
from oppman.scaffold.naming import Names
from oppman.scaffold.plan import Change, Step

MODULE, FOLDER = "webapp/models.py", "webapp/models"


class ModelHome(Protocol):
    """What the generator has to know of the place."""

    def foundation(self, source: str) -> Iterator[str]:
        """The definitions that `source`, the classes of a resource, needs and has to bring along."""
        ...

    def completed(self, source: str, names: Names, models: Mapping[str, Model]) -> str:
        """The rendered `source` as it goes into this place: with all that it needs of other modules."""
        ...

    def steps(self, source: str, names: Names, models: Mapping[str, Model]) -> Iterator[Step]:
        """What brings `source`, the model of a resource, there; the model's own file first."""
        ...

    def around(self, source: str, path: str, before: str = "") -> Iterator[Step]:
        """What the module `source`, which goes into `path`, needs beside it; what it was `before` is provided for."""
        ...

    def offers(self, names: Collection[str], path: str = "") -> Iterator[Change]:
        """What lets `from webapp.models import …` find the names, which the file `path` defines; "" if any does."""
        ...

    def needed_elsewhere(self, path: str, besides: str) -> set[str]:
        """The names of the module `path` that others import, the one at `besides` left out."""
        ...


@dataclass(frozen=True)
class OneModule:
    """`webapp/models.py`."""

    root: Path

    def foundation(self, source: str) -> Iterator[str]:
        path = self.root / MODULE
        there = outline(path.read_text(encoding="utf-8") if path.is_file() else "")
        return (foundation.definition(name) for name in foundation.used_in(source) if there.find(name) is None)

    def completed(self, source: str, names: Names, models: Mapping[str, Model]) -> str:
        return source

    def steps(self, source: str, names: Names, models: Mapping[str, Model]) -> Iterator[Step]:
        yield from self.around(source, MODULE)
        yield Change(MODULE, tuple(module_edits(source)))

    def around(self, source: str, path: str, before: str = "") -> Iterator[Step]:
        there = self.root / MODULE
        if there.is_file():
            needed = foundation.used_in(source, before)
            yield Change(MODULE, tuple(foundation.kept(there.read_text(encoding="utf-8"), needed)))

    def offers(self, names: Collection[str], path: str = "") -> Iterator[Change]:
        return iter(())

    def needed_elsewhere(self, path: str, besides: str) -> set[str]:
        return set()


def home_of(root: Path) -> ModelHome:
    """The place in the project at `root`. A package wins where there are both, as it does for Python."""
    if not (root / FOLDER / "__init__.py").is_file():
        return OneModule(root)
    from oppman.scaffold.model_package import Package

    return Package.at(root)


def refuse_without_models(project: Project, why: str) -> None:
    """Raise Refused, with what the models are needed for, if the project has none."""
    if not model_files(project):
        raise Refused(f"There is no webapp/models.py in {project.root}.", why)
