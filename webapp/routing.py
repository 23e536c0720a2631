"""The router that every file of `routes/` makes."""

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class Router(APIRouter):
    """A router that looks through its routes only for addresses under its own prefix.

    The framework tries every route of every router, one pattern after the other, until one fits. With a prefix of its
    own a resource costs the others next to nothing, however many resources there are.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path, root = scope["path"], scope.get("root_path", "")  # some servers leave the root in the path, some do not
        if not path.startswith((self.prefix, root + self.prefix)):
            return Match.NONE, {}
        return super().matches(scope)
