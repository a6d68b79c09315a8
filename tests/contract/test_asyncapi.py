"""The description of all topics for others is that of the contracts, and sound."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.topics import declared_topics
from shared.contracts.asyncapi import PAGE, document
from shared.contracts.catalog import all_contracts

DOCUMENT: dict[str, Any] = json.loads(PAGE.read_text())
CONTRACTS = all_contracts()


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def target(reference: str) -> Any:
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_the_committed_page_is_that_of_the_contracts() -> None:
    assert document() == DOCUMENT, "run `python -m shared.contracts.asyncapi`"


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        assert target(reference), reference


def test_every_contract_has_a_channel_and_one_who_speaks_on_it() -> None:
    operations = DOCUMENT["operations"].values()

    assert set(DOCUMENT["channels"]) == set(CONTRACTS)
    assert sorted(each["channel"]["$ref"] for each in operations) == sorted(
        f"#/channels/{name}" for name in CONTRACTS
    )
    received = [each["channel"]["$ref"] for each in operations if each["action"] == "receive"]
    assert received == ["#/channels/checkout.completed"]


def test_every_channel_is_a_topic_that_is_made() -> None:
    declared = {topic.name for topic in declared_topics()}

    assert {channel["address"] for channel in DOCUMENT["channels"].values()} <= declared


@pytest.mark.parametrize("name", CONTRACTS)
def test_an_example_fits_the_schema_that_stands_beside_it(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    schema = {**message["payload"], "components": DOCUMENT["components"]}

    for example in message["examples"]:
        assert list(Draft202012Validator(schema).iter_errors(example["payload"])) == []
