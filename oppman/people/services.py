"""The project's services for users and roles, as the contract names them."""

from dataclasses import dataclass
from typing import Any

from oppman.contract import CONTRACT, Contract
from oppman.errors import AttributeMissing


@dataclass(frozen=True)
class Service:
    """A module of the project whose functions are looked up when they are used: `Service(contract, "users").activate`.

    One that is missing is AttributeMissing, by its name.
    """

    contract: Contract
    key: str

    def __getattr__(self, name: str) -> Any:
        module = self.contract.load(self.key)
        if not hasattr(module, name):
            raise AttributeMissing(
                f"{self.contract.target(self.key)} has no {name!r}, which oppman needs for this command.",
                f"Define it there; {self.key!r} in oppman's contract is {CONTRACT[self.key].meaning}.",
            )
        return getattr(module, name)
