"""The bugs, in whom they are, what goes wrong around them, and which promises they break."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.plan import Fault
from tests.chaos.planted import delivery, money


@dataclass(frozen=True)
class Bug:
    """`breaks`: naming any of these is to have noticed it. `faults` are of a run of `seconds`."""

    says: str
    services: Sequence[str]
    plant: Callable[[], Coroutine[Any, Any, None]]
    breaks: Sequence[str]
    faults: Sequence[Fault] = ()
    seconds: float = 45
    steps: int = 0


EVERYBODY = ("customers", "subscriptions", "billing", "notifier")
UNKNOWN = Fault(5, "gateway unknown", "gateway", 30)
BUGS = {
    "no-inbox": Bug(
        "every delivery takes effect",
        EVERYBODY,
        delivery.no_inbox,
        ("I10", "I14", "I15", "I17"),
    ),
    "cursor": Bug(
        "the relay remembers a position instead of scanning a flag",
        EVERYBODY,
        delivery.cursor,
        ("I12",),
    ),
    "version-guard": Bug(
        "an effect is dropped because a newer version was seen",
        ("notifier",),
        delivery.version_guard,
        ("I17",),
        (Fault(10, "frozen", "notifier", 25),),
    ),
    "new-key": Bug(
        "a charge without an answer is tried again under a new key",
        ("billing",),
        money.new_key,
        ("I1", "I2", "I3"),
        (UNKNOWN,),
    ),
    "no-unique-period": Bug(
        "a renewal runs twice, and no constraint refuses the second invoice",
        ("billing",),
        money.no_unique_period,
        ("I1", "I21"),
        steps=3,
    ),
    "timeout-is-decline": Bug(
        "a charge without an answer counts as declined",
        ("billing",),
        money.timeout_is_decline,
        ("I2", "I3"),
        (UNKNOWN,),
    ),
    "refund-by-word": Bug(
        "what goes back is what the message says was captured",
        ("billing",),
        money.refund_by_word,
        ("I1", "I8"),
    ),
}
