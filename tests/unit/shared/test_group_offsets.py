"""Where partitions end, as far as the broker has told: nothing unknown counts as read."""

import pytest
from aiokafka import TopicPartition

from shared.group_offsets import ends_of_all


class Client:
    """Knows of some partitions of `orders` and where some of them end."""

    def __init__(
        self, partitions: set[int] | None = None, ends: dict[int, int] | None = None
    ) -> None:
        self._partitions = partitions
        self._ends = ends or {}

    def partitions_for_topic(self, _: str) -> set[int] | None:
        return self._partitions

    async def end_offsets(self, _: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {TopicPartition("orders", n): end for n, end in self._ends.items()}


async def test_the_ends_of_all_partitions() -> None:
    client = Client({0, 1}, {0: 5, 1: 0})

    found = await ends_of_all(client, client, ["orders"])

    assert found == {TopicPartition("orders", 0): 5, TopicPartition("orders", 1): 0}


@pytest.mark.parametrize("client", [Client(), Client(set()), Client({0, 1}, {0: 5})])
async def test_a_topic_of_which_not_all_is_known_has_not_been_read_to_its_end(
    client: Client,
) -> None:
    with pytest.raises(TimeoutError):
        await ends_of_all(client, client, ["orders"])
