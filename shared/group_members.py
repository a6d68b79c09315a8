"""What a group's coordinator says of its members: which partitions nobody reads."""

import contextlib
from collections.abc import Collection
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import for_code

from shared.group_offsets import TIMEOUT_MS, committed_by, ends_of_all, starts_of


async def left_alone(
    consumer: AIOKafkaConsumer | None,
    asking: AIOKafkaConsumer,
    topics: Collection[str],
    group: str,
    bootstrap: str,
) -> int:
    """Records that wait on partitions which no other member has, as a member without any sees it.

    A member may rightly have none, where there are more members than partitions; then the others
    have them all. While the group shares them out anew, nobody can tell.

    Raises:
        KafkaError: the broker did not answer.
    """
    if consumer is None:
        return 0
    # The client tells its id in the group nowhere else.
    own = consumer._coordinator.member_id  # noqa: SLF001
    state, others = await _given_to_others(group, own, bootstrap)
    if state not in {"Stable", "Empty"}:
        return 0
    ends = await ends_of_all(consumer, asking, topics)
    alone = {place: end for place, end in ends.items() if place not in others}
    if not alone:
        return 0
    done = await starts_of(asking, alone) | await committed_by(group, alone, bootstrap)
    return sum(max(end - done.get(place, end), 0) for place, end in alone.items())


async def _given_to_others(group: str, own: str, bootstrap: str) -> tuple[str, set[TopicPartition]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=TIMEOUT_MS)
    try:
        await admin.start()
        ((described,),) = [each.groups for each in await admin.describe_consumer_groups([group])]
    finally:
        with contextlib.suppress(Exception):
            await admin.close()
    error, _, state, _, _, members = described[:6]
    if error:
        raise for_code(error)
    return state, {
        place
        for member_id, _, _, _, assignment in members
        if member_id != own and assignment
        for place in _decoded(assignment)
    }


def _decoded(assignment: bytes) -> list[TopicPartition]:
    found: Any = ConsumerProtocolMemberAssignment.decode(assignment)
    places: list[TopicPartition] = found.partitions()
    return places
