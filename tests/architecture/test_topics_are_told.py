"""A topic has a contract, a place in topics.toml, and a line in the README of who reads it."""

import ast
from importlib import import_module
from itertools import chain
from pathlib import Path

from deploy.topics import declared_topics
from shared.contracts.event import CONTRACTS
from tests.architecture.tree import ROOT, dotted, name, text, tree

PAGES = sorted(
    file for file in (ROOT / "shared" / "contracts").glob("*.py") if file.stem != "__init__"
)
# app.py is what a service gets last: before it, nothing of the service reads a topic.
WRITTEN = sorted(app.parent for app in (ROOT / "services").glob("*/app.py"))
CONSUMERS = [file for service in WRITTEN for file in sorted(service.glob("consumers/*.py"))]


def contract_topics() -> set[str]:
    """Those of the pages in shared/contracts; a test elsewhere may make up more."""
    modules = {dotted(page) for page in PAGES}
    for module in modules:
        import_module(module)
    return {type_ for type_, contract in CONTRACTS.items() if contract.__module__ in modules}


def test_every_contract_has_its_topic() -> None:
    declared = {topic.name for topic in declared_topics()}

    assert sorted(contract_topics() - declared) == [], "add it to deploy/topics.toml"


def test_a_topic_is_declared_once() -> None:
    names = [topic.name for topic in declared_topics()]

    assert sorted(each for each in set(names) if names.count(each) > 1) == []


def test_personal_data_is_in_compacted_topics_or_short_lived_ones_only() -> None:
    """Erasure can reach a record that compaction or time removes, and no other."""
    by_name = {topic.name: topic.settings or {} for topic in declared_topics()}

    for compacted in ("customer.created", "customer.updated"):
        assert by_name[compacted]["cleanup.policy"] == "compact"
        assert int(by_name[compacted]["max.compaction.lag.ms"]) <= 24 * 3600 * 1000
    assert int(by_name["checkout.completed"]["retention.ms"]) == 7 * 24 * 3600 * 1000


def test_the_readme_of_a_service_names_the_topics_that_it_reads() -> None:
    assert [
        f"{name(file)}: {topic}"
        for file in CONSUMERS
        for topic in sorted(topics_read(file))
        if f"`{topic}`" not in readme_of(file.parents[1])
    ] == []


def readme_of(service: Path) -> str:
    readme = service / "README.md"
    return text(readme) if readme.exists() else ""


def topics_read(file: Path) -> set[str]:
    """Of the contracts that a file of handlers takes in."""
    contract_topics()
    topic_by_class = {contract.__name__: topic for topic, contract in CONTRACTS.items()}
    names = chain.from_iterable(
        (alias.name for alias in node.names)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared.contracts")
    )
    return {topic_by_class[each] for each in names if each in topic_by_class}
