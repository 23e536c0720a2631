"""What may be done: `<model>.<view|add|change|delete>`, with the wildcards `<model>.*` and `*`."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import lru_cache

from sqlmodel import SQLModel
from sqlmodel.main import default_registry

from webapp.errors import Invalid
from webapp.labels import words_of
from webapp.models import User

ACTIONS = ("view", "add", "change", "delete")

ANY_VIEW = "*.view"
"""In place of a permission: whoever may view the rows of some model. No role can hold it as such."""


def allows(granted: Collection[str], wanted: str) -> bool:
    """Whether the granted permissions include the wanted one, which may be a wildcard itself."""
    return wanted in granted or "*" in granted or f"{wanted.partition('.')[0]}.*" in granted


def can(user: User, permission: str) -> bool:
    """Whether the user may do it: superusers may do everything. The user's roles must be loaded."""
    if user.is_superuser:
        return True
    granted = permissions_of(user)
    return not _views().isdisjoint(granted) if permission == ANY_VIEW else allows(granted, permission)


def permissions_of(user: User) -> set[str]:
    """The permissions that the user's roles grant, wildcards as they stand. The roles must be loaded."""
    return {permission for role in user.roles for permission in role.permissions}


@lru_cache
def vocabulary() -> tuple[str, ...]:
    """Every permission without wildcards, sorted by model. A model with `guarded = False` has none."""
    return tuple(f"{model}.{action}" for model in _names() for action in ACTIONS)


@lru_cache
def guarded_models() -> tuple[type[SQLModel], ...]:
    """The models that have permissions, by their names."""
    models = [mapper.class_ for mapper in default_registry.mappers]
    # A table without a key of its own only links two others and is guarded through them.
    guarded = [model for model in models if hasattr(model, "id") and getattr(model, "guarded", True)]
    return tuple(sorted(guarded, key=model_name))


def check_known(permissions: Iterable[str]) -> list[str]:
    """The permissions, sorted and without repetition. Raises `Invalid` for one that does not exist."""
    known = {*vocabulary(), *(f"{model}.*" for model in _names()), "*"}
    wanted = sorted(set(permissions))
    for permission in wanted:
        if permission not in known:
            nearest = get_close_matches(permission, sorted(known), n=1)
            hint = f"Did you mean {nearest[0]}?" if nearest else "A permission looks like product.change or product.*."
            raise Invalid(f"There is no permission {permission!r}.", hint, {"permissions": hint})
    return wanted


def model_name(model: type[SQLModel]) -> str:
    """The model's name in permissions and audit entries: `AuditEntry` is `audit_entry`, `APIKey` is `api_key`."""
    return "_".join(words_of(model.__name__)).lower()


def _names() -> list[str]:
    return [model_name(model) for model in guarded_models()]


@lru_cache
def _views() -> frozenset[str]:
    """Each of the permissions that lets somebody view the rows of a model."""
    return frozenset(("*", *(f"{name}.{action}" for name in _names() for action in ("view", "*"))))
