"""A secret on a topic is read by the one who holds the key, and by nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from shared.contracts.event import Change
from shared.contracts.notifier import SealingKeyPublished, SealingKeyState
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.sealing import (
    SealBroken,
    SealingKey,
    SealingKeys,
    listen_for_sealing_keys,
    open_sealed,
    seal,
)
from tests.integration.kernel.accounts import PARTNER, Accounts
from tests.integration.kernel.records import published

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = OKPKey.generate_key("X25519")
OTHER_PAIR = OKPKey.generate_key("X25519")
SECRET = {"login": "ada", "password": "correct horse"}


def private(pair: OKPKey) -> dict[str, Any]:
    return dict(pair.as_dict(private=True))


def public(pair: OKPKey = PAIR, kid: str = "kid_1", expires_at: datetime = NOON) -> SealingKey:
    return SealingKey(kid, dict(pair.as_dict(private=False)), expires_at)


def test_who_holds_the_key_reads_the_secret() -> None:
    sealed = seal(SECRET, public(), until=NOON + DAY)

    assert open_sealed(sealed, private(PAIR)) == SECRET
    assert sealed.kid == "kid_1"


def test_a_sealed_secret_shows_nothing_of_itself() -> None:
    sealed = seal(SECRET, public(), until=NOON)

    assert "ada" not in sealed.model_dump_json()
    assert seal(SECRET, public(), until=NOON).jwe != sealed.jwe


@pytest.mark.parametrize(("until", "end"), [(NOON - DAY, NOON - DAY), (NOON + DAY, NOON)])
def test_a_seal_ends_with_its_key_at_the_latest(until: datetime, end: datetime) -> None:
    assert seal(SECRET, public(expires_at=NOON), until=until).expires_at == end


def test_nobody_else_opens_it() -> None:
    sealed = seal(SECRET, public(), until=NOON)

    with pytest.raises(SealBroken):
        open_sealed(sealed, private(OTHER_PAIR))


@pytest.mark.parametrize("part", range(5))
def test_a_seal_that_was_tampered_with_does_not_open(part: int) -> None:
    sealed = seal(SECRET, public(), until=NOON)
    parts = sealed.jwe.split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]
    changed = sealed.model_copy(update={"jwe": ".".join(parts)})

    with pytest.raises(SealBroken):
        open_sealed(changed, private(PAIR))


async def test_the_key_that_lasts_longest_is_used_and_none_that_is_about_to_end(
    accounts: Accounts,
) -> None:
    listen_for_sealing_keys(accounts.consumer)

    assert await current(accounts, NOON) is None
    await publish(accounts, "kid_1", NOON + 3 * DAY)
    await publish(accounts, "kid_2", NOON + 5 * DAY)

    assert await current(accounts, NOON) == "kid_2"
    assert await current(accounts, NOON + 3 * DAY) == "kid_2"
    assert await current(accounts, NOON + 4 * DAY) is None


async def test_a_key_comes_back_from_its_event_as_it_was_sent(accounts: Accounts) -> None:
    listen_for_sealing_keys(accounts.consumer)
    await publish(accounts, "kid_1", NOON + 3 * DAY)

    async with accounts.transactions.begin() as tx:
        key = await SealingKeys(tx.sql).current(NOON)

    assert key is not None
    assert open_sealed(seal(SECRET, key, until=NOON), private(PAIR)) == SECRET


async def publish(accounts: Accounts, kid: str, expires_at: datetime) -> None:
    state = SealingKeyState(
        partner_id=PARTNER, version=1, kid=kid, jwk=dict(public().jwk), expires_at=expires_at
    )
    event = SealingKeyPublished(
        sealing_key=state, change=Change(kind="made", actor="service", at=NOON)
    )
    outgoing = Outgoing(event, Origin.first("test", "request:1"), NOON)
    await accounts.consumer.deliver([await published(accounts, outgoing)])


async def current(accounts: Accounts, at: datetime) -> str | None:
    async with accounts.transactions.begin() as tx:
        key = await SealingKeys(tx.sql).current(at)
    return key.kid if key else None
