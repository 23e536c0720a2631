"""The names that the tool loads from a project: the whole of what the two halves know of each other.

Each name is found by convention and can be set in `[tool.oppman]` of the project's `pyproject.toml`. A project that
oppman did not make names what it has; a command asks for no more than it needs.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppman.errors import AttributeMissing, BadConfiguration, ModuleCrashed, ModuleMissing, WrongEnvironment
from oppman.project import Project

if TYPE_CHECKING:
    from traceback import TracebackException


@dataclass(frozen=True)
class Name:
    """One entry of the contract: where it lies by convention, and what has to be there."""

    default: str
    meaning: str
    optional: bool = False
    """Whether a project can do without."""


CONTRACT: Mapping[str, Name] = {
    "app": Name("webapp.main:app", "the FastAPI application"),
    "metadata": Name("webapp.models:metadata", "the MetaData that holds every table"),
    "settings": Name(
        "webapp.settings:get_settings",
        "a function that returns the settings: `database_url`, `environment`, `debug`, secrets as SecretStr; it raises "
        "ValueError if they are unusable",
    ),
    "session": Name(
        "webapp.db:transaction", "an async context manager: an AsyncSession in one transaction, committed at its end"
    ),
    "dispose": Name("webapp.db:dispose", "an async function that closes every connection"),
    "errors": Name(
        "webapp.errors:DomainError", "the base of the errors that services raise, with `message` and `hint`"
    ),
    "users": Name("webapp.services.user_service", "the module with create_user, find_user, set_password, ..."),
    "roles": Name("webapp.services.role_service", "the module with ensure_builtin_roles, create_role, grant, ..."),
    "demo": Name("webapp.demo", "the module with load, unload and status"),
    "commands": Name("webapp.commands", "the package whose modules are the project's own commands"),
    "seeds": Name("webapp.seeds", "the package whose modules are the project's seeds", optional=True),
}


@dataclass(frozen=True)
class Contract:
    """Loads the names of one project."""

    project: Project

    def target(self, key: str) -> str:
        """Where `key` lies: `module`, `module:attribute` or `module:attribute.attribute`."""
        target = self.project.config.get(key, CONTRACT[key].default)
        if not isinstance(target, str) or not all(part.isidentifier() for part in target.replace(":", ".").split(".")):
            raise BadConfiguration(
                f"tool.oppman.{key} in pyproject.toml is {target!r}.",
                f'Write it as "module" or "module:attribute", like "{CONTRACT[key].default}".',
            )
        return target

    def offers(self, key: str) -> bool:
        """Whether the project names `key`, or has the module where it lies by convention. Nothing is imported."""
        if key in self.project.config:
            return True
        path = self.project.root.joinpath(*CONTRACT[key].default.partition(":")[0].split("."))
        return path.is_dir() or path.with_suffix(".py").is_file()

    def load(self, key: str) -> Any:
        """Import what `key` names.

        Raises ModuleMissing, ModuleCrashed (with the project's traceback), AttributeMissing or WrongEnvironment.
        """
        target = self.target(key)
        module_name, _, attribute = target.partition(":")
        found: Any = self.module(module_name, key)
        for part in filter(None, attribute.split(".")):
            if not hasattr(found, part):
                raise AttributeMissing(
                    f"{module_name} has no {attribute!r}, which oppman needs as {CONTRACT[key].meaning}.",
                    f'Define it there, or name another in pyproject.toml: [tool.oppman] {key} = "module:attribute".',
                )
            found = getattr(found, part)
        return found

    def settings(self) -> Any:
        """The settings of the project. Raises BadConfiguration, which never quotes a value, if they are unusable."""
        get_settings = self.load("settings")
        try:
            return get_settings()
        except ValueError as problem:
            raise BadConfiguration(
                f"The settings are unusable: {_reasons(problem)}",
                f"Mend {self.project.root / '.env'} or the environment.",
            ) from None

    def app(self) -> Any:
        """The application, after the settings: a bad setting is told as such and not as a crash of the app's module.

        A project of another making need not have settings that oppman knows.
        """
        if self.offers("settings"):
            self.settings()
        return self.load("app")

    def module(self, name: str, key: str) -> Any:
        """Import the module `name` of the project; `key` is the entry of the contract that asks for it."""
        root = str(self.project.root)
        if root not in sys.path:
            sys.path.insert(0, root)
        try:
            return import_module(name)
        except ModuleNotFoundError as problem:
            if problem.name and (name == problem.name or name.startswith(f"{problem.name}.")):
                raise ModuleMissing(
                    f"There is no module {name!r} in {root}, which oppman needs as {CONTRACT[key].meaning}.",
                    f'Add it, or name another in pyproject.toml: [tool.oppman] {key} = "...".',
                ) from None
            if problem.name and not _is_ours(self.project.root, problem.name):
                raise WrongEnvironment(
                    f"{name} needs the package {problem.name!r}{_where(problem)}, which is not installed in "
                    f"{sys.prefix}.",
                    "Run the command in the project's environment: `uv run oppman ...`, or activate it and "
                    "`pip install` what its pyproject.toml lists.",
                ) from None
            raise _crash(name, problem) from None
        except (Exception, SystemExit) as problem:  # a module that calls sys.exit() must not end us in silence
            raise _crash(name, problem) from None


def _is_ours(root: Path, module: str) -> bool:
    top = root / module.partition(".")[0]
    return top.is_dir() or top.with_suffix(".py").is_file()


def _where(problem: BaseException) -> str:
    """The line that the import stands in; "" if it cannot be told."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if "importlib" not in frame.filename]
    return f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""


def _crash(name: str, problem: BaseException) -> ModuleCrashed:
    import traceback

    text = "".join(_theirs(traceback.TracebackException.from_exception(problem)).format())
    return ModuleCrashed(
        f"{name} could not be imported: it raised {type(problem).__name__}.",
        "Mend the line that the traceback above ends with.",
        text,
    )


def _theirs(report: "TracebackException") -> "TracebackException":
    """`report`, and those that led to it, without our own frames and those of the import system."""
    own = [frame for frame in report.stack if frame.filename == __file__ or "importlib" in frame.filename]
    for frame in own:
        report.stack.remove(frame)
    for earlier in (report.__cause__, report.__context__):
        if earlier is not None:
            _theirs(earlier)
    return report


def _reasons(problem: ValueError) -> str:
    """The reasons of a pydantic ValidationError without its inputs, which may be secrets; else the message."""
    errors = getattr(problem, "errors", None)
    if errors is None:
        return str(problem)
    reasons = []
    for error in errors():
        where = ".".join(map(str, error["loc"])).upper()
        reasons.append(f"{where + ': ' if where else ''}{error['msg'].removeprefix('Value error, ')}")
    return "; ".join(reasons)
