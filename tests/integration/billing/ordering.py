"""An ended subscription and the orders that are placed on it, as billing hears of them."""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Change
from shared.contracts.orders import OrderCanceled, OrderPlaced
from shared.contracts.subscriptions import OrderState, SubscriptionRenewed, SubscriptionResumed
from shared.ids import new_id
from tests.integration.billing.story import Story, midnight, soon_after

AN_HOUR = timedelta(hours=1)
END = midnight(2026, 2, 28)
# Nine in the morning, ten days after the end.
BACK = midnight(2026, 3, 10) + timedelta(hours=9)


async def an_ended(story: Story, method: str = "pm_ok") -> None:
    """Paid for a month, cancelled, ended; the method is the one it has by now."""
    await story.running(story.card("pm_ok"))
    await story.brings(story.card(method))
    await story.canceled(ends_at=END)
    await story.until(soon_after(2026, 2, 28))
    await story.held("ended", END)
    await story.until(BACK)


def an_order(story: Story, **told: Any) -> OrderPlaced:
    state = story.state()
    defaults: dict[str, Any] = {
        "gate": "payment",
        "total_minor": story.price_minor,
        "subscription_version": story.version,
        "expires_at": story.at + AN_HOUR,
    }
    return OrderPlaced(
        order=_state(story, new_id("ord"), "placed", 1),
        items=state.items,
        currency="EUR",
        change=_change(story.at),
        **{**defaults, **told},
    )


def _state(story: Story, order_id: str, status: Any, version: int) -> OrderState:
    return OrderState(
        id=order_id,
        partner_id=story.partner,
        version=version,
        kind="resume",
        status=status,
        subscription_id=story.id,
    )


def _change(at: datetime) -> Change:
    return Change(kind="test", actor="operator:op_1", at=at)


async def orders(story: Story, **told: Any) -> str:
    placed = an_order(story, **told)
    await story.billing.hear(story.at, placed)
    await story.billing.run()
    return placed.order.id


def canceled(story: Story, order_id: str) -> OrderCanceled:
    return OrderCanceled(order=_state(story, order_id, "canceled", 2), change=_change(story.at))


async def is_canceled(story: Story, order_id: str) -> None:
    await story.billing.hear(story.at, canceled(story, order_id))


async def cancels(story: Story, order_id: str) -> None:
    await is_canceled(story, order_id)
    await story.billing.run()


async def comes_back(story: Story) -> None:
    """As the subscriptions service tells it, once it has heard both words."""
    story.holds, story.ends_at = [], None
    await story.follow_quietly()
    await story.says(SubscriptionResumed)
    await story.says(SubscriptionRenewed)
