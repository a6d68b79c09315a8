"""All contracts of the platform, by the module that holds them."""

from importlib import import_module
from pathlib import Path

from shared.contracts.event import CONTRACTS, Message

PUBLISHERS = ("billing", "clock", "customers", "notifier", "subscriptions", "upstream")
HERE = Path(__file__).parent


def all_contracts() -> dict[str, type[Message]]:
    """By type, in alphabetical order; a test may make up more, which are none of ours."""
    modules = {import_module(f"{__package__}.{name}").__name__ for name in PUBLISHERS}
    return {
        name: contract
        for name, contract in sorted(CONTRACTS.items())
        if contract.__module__ in modules
    }


def publisher_of(contract: type[Message]) -> str:
    """`clock` stands for every service, `upstream` for systems that we do not write."""
    return contract.__module__.rpartition(".")[2]
