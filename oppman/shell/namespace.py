"""What is at hand at the prompt."""

import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from oppman.contract import Contract
from oppman.project import Project


def models(project: Project) -> dict[str, type]:
    """Every mapped class of the project by its name, in the order in which they are defined."""
    contract = Contract(project)
    contract.load("metadata" if contract.offers("metadata") else "app")
    found: dict[str, type] = {}
    for module in list(sys.modules.values()):
        if _is_inside(module, project.root):
            found |= {
                thing.__name__: thing
                for thing in vars(module).values()
                if isinstance(thing, type) and "__mapper__" in vars(thing) and thing.__module__ == module.__name__
            }
    return found


def services(project: Project) -> ModuleType | None:
    """The package beside the user service, all of its modules imported; None if the project has none."""
    contract = Contract(project)
    if not contract.offers("users"):
        return None
    package = import_module(contract.load("users").__name__.rpartition(".")[0] or contract.target("users"))
    for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
        contract.module(f"{package.__name__}.{module.name}", "users")
    return package


def names_in(package: ModuleType) -> list[str]:
    """The modules of `package` by name."""
    return sorted(module.name for module in pkgutil.iter_modules(getattr(package, "__path__", [])))


def conveniences() -> dict[str, Any]:
    """What one types all the time."""
    from sqlalchemy import func, select

    return {"select": select, "func": func}


def _is_inside(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    return bool(file) and Path(str(file)).is_relative_to(root) and "site-packages" not in Path(str(file)).parts
