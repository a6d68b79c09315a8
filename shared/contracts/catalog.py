"""All contracts of the platform, by the module that holds them."""

from importlib import import_module
from pathlib import Path

from shared.contracts.event import CONTRACTS, Message

MODULES = ("billing", "clock", "customers", "notifier", "orders", "subscriptions", "upstream")
PUBLISHED_BY = {"orders": "subscriptions"}
HERE = Path(__file__).parent


def all_contracts() -> dict[str, type[Message]]:
    """By type, in alphabetical order; a test may make up more, which are none of ours."""
    modules = {import_module(f"{__package__}.{name}").__name__ for name in MODULES}
    return {
        name: contract
        for name, contract in sorted(CONTRACTS.items())
        if contract.__module__ in modules
    }


def publisher_of(contract: type[Message]) -> str:
    """`clock` stands for every service, `upstream` for systems that we do not write."""
    module = contract.__module__.rpartition(".")[2]
    return PUBLISHED_BY.get(module, module)
