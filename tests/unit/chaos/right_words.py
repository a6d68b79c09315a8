"""What may happen in a life and looks as if a promise were broken, one thing each."""

from typing import Any

from tests.unit.chaos.altered import altered
from tests.unit.chaos.sound import END, LATER, LATEST, Sound

NAME = "subscription_1"
REQUESTED = {"kind": "requested", "placed_at": END}
UNPAID = {"kind": "non_payment", "placed_at": END}


def an_order_heard_twice(sound: Sound) -> None:
    """Under its key the stored answer comes back, and nothing happens again."""
    sound.command("extend", "extend-1")


def a_number_used_up_by_an_extension(sound: Sound) -> None:
    """Two are opened and one is granted, so the next one that is sold has the number 3."""
    sound.opened(3, LATER, LATEST)
    sound.subscription("renewed", 5, "active", 3, granted=1, runs=3)
    _stored(sound, 5, "active", opened=3, granted=1, standing=9)


def a_granted_period_that_was_owed(sound: Sound) -> None:
    """It was paid elsewhere, so billing opens it; it stays one that was granted."""
    sound.opened(2, END, LATER, "manual")
    sound.subscription("renewed", 5, "active", 2, granted=1, runs=2)
    _stored(sound, 5, "active", opened=2, granted=1, standing=9)


def sold_before_the_grant_was_heard(sound: Sound) -> None:
    """The extension is told when the period had begun, and its charge was under way."""
    altered(sound, "subscription.extended", lambda body: body["change"].update(at=END))
    sound.opened(2, END, LATER)
    sound.subscription("renewed", 5, "active", 3, granted=1, runs=2)
    _stored(sound, 5, "active", opened=3, granted=1, standing=9)


def held_while_it_owes(sound: Sound) -> None:
    """Access is cut already: a further hold is told as a change."""
    sound.command("hold", "hold-1")
    sound.command("lift", "lift-1")
    state: dict[str, Any] = {"granted": 1, "holds": [UNPAID]}
    cut = sound.subscription("suspended", 5, "suspended", 2, **state)
    sound.subscription("changed", 6, "suspended", 2, **{**state, "holds": [UNPAID, REQUESTED]})
    sound.subscription("changed", 7, "suspended", 2, **state)
    sound.mail(3, "suspended", cut)
    sound.panel[0]["account"]["status"] = "disabled"
    _stored(sound, 7, "suspended", opened=2, granted=1)


def held_twice(sound: Sound) -> None:
    """Each hold is an order of its own, and so is each end of one."""
    for n in (0, 1):
        sound.command("hold", f"hold-{n}")
        sound.command("lift", f"lift-{n}")
        cut = sound.subscription(
            "suspended", 5 + 2 * n, "suspended", 2, granted=1, holds=[REQUESTED]
        )
        back = sound.subscription("resumed", 6 + 2 * n, "active", 2, granted=1)
        sound.mail(3 + 2 * n, "suspended", cut)
        sound.mail(4 + 2 * n, "resumed", back)
    _stored(sound, 8, "active", opened=2, granted=1)


def extended_unheard(sound: Sound) -> None:
    """Whoever asks and hears nothing may have been served; asked again, he hears that he was."""
    [line] = [each for each in sound.journal if each["kind"] == "command"]
    sound.journal.append({**line, "outcome": "unknown"})


def _stored(
    sound: Sound, version: int, status: str, *, opened: int, granted: int, standing: int = 8
) -> None:
    """What the services keep follows what was told."""
    copy = {"version": version, "status": status}
    sound.tables["subscriptions.subscriptions"][0].update(copy)
    sound.tables["notifier.subscriptions"][0].update(copy)
    terms = {**copy, "periods_opened": opened, "periods_granted": granted}
    sound.tables["billing.contracts"][0].update(version=standing, terms=terms)
