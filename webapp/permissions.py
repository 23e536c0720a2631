"""What may be done: `<model>.<view|add|change|delete>`, with the wildcards `<model>.*` and `*`."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import lru_cache

from sqlmodel import SQLModel
from sqlmodel.main import default_registry

from webapp.errors import Invalid
from webapp.models import User

ACTIONS = ("view", "add", "change", "delete")


def allows(granted: Collection[str], wanted: str) -> bool:
    """Whether the granted permissions include the wanted one, which may be a wildcard itself."""
    return wanted in granted or "*" in granted or f"{wanted.partition('.')[0]}.*" in granted


def can(user: User, permission: str) -> bool:
    """Whether the user may do it: superusers may do everything. The user's roles must be loaded."""
    return user.is_superuser or allows(permissions_of(user), permission)


def permissions_of(user: User) -> set[str]:
    """The permissions that the user's roles grant, wildcards as they stand. The roles must be loaded."""
    return {permission for role in user.roles for permission in role.permissions}


@lru_cache
def vocabulary() -> tuple[str, ...]:
    """Every permission without wildcards, sorted by model. A model with `guarded = False` has none."""
    return tuple(f"{model}.{action}" for model in _guarded_models() for action in ACTIONS)


def check_known(permissions: Iterable[str]) -> list[str]:
    """The permissions, sorted and without repetition. Raises `Invalid` for one that does not exist."""
    known = {*vocabulary(), *(f"{model}.*" for model in _guarded_models()), "*"}
    wanted = sorted(set(permissions))
    for permission in wanted:
        if permission not in known:
            nearest = get_close_matches(permission, sorted(known), n=1)
            hint = f"Did you mean {nearest[0]}?" if nearest else "A permission looks like product.change or product.*."
            raise Invalid(f"There is no permission {permission!r}.", hint, {"permissions": hint})
    return wanted


def model_name(model: type[SQLModel]) -> str:
    """The model's name in permissions and audit entries: `AuditEntry` is `audit_entry`, `APIKey` is `api_key`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", model.__name__).lower()


@lru_cache
def _guarded_models() -> tuple[str, ...]:
    models = [mapper.class_ for mapper in default_registry.mappers]
    # A table without a key of its own only links two others and is guarded through them.
    return tuple(sorted(model_name(m) for m in models if hasattr(m, "id") and getattr(m, "guarded", True)))
