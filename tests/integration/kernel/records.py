"""What the accounts are sent: orders, and events as an outbox holds them."""

import secrets
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from shared.clock import system_now
from shared.contracts.event import Change
from shared.origin import Origin
from shared.outbox import Outgoing
from shared.record import Record
from tests.integration.kernel.accounts import (
    PARTNER,
    AccountCredited,
    Accounts,
    AccountState,
    CreditOrdered,
    CreditState,
)

Headers = tuple[tuple[str, bytes | None], ...]
_offsets = iter(range(10**9))


def an_order(
    account: str = "acc_1",
    amount: int = 1,
    event_id: UUID | None = None,
    topic: str = CreditOrdered.type,
    extra: Headers = (),
    *,
    partner: str = PARTNER,
) -> Record:
    """A record as the relay would have sent it; each has an offset of its own."""
    order_id = f"crd_{secrets.token_hex(6)}"
    state = CreditState(
        partner_id=partner, version=1, id=order_id, account_id=account, amount=amount
    )
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id or uuid7()).encode()),
        ("ce_source", b"/perennial/test"),
        ("ce_type", CreditOrdered.type.encode()),
        ("content-type", b"application/json"),
        ("ce_partnerid", partner.encode()),
        *extra,
    )
    body = CreditOrdered(credit=state).model_dump_json().encode()
    return Record(topic, 0, next(_offsets), account.encode(), body, headers)


def an_account_credited(account: str, version: int, amount: int = 1) -> Outgoing:
    """An event to publish, without any account behind it."""
    at = system_now()
    state = AccountState(partner_id=PARTNER, version=version, id=account, balance=amount)
    event = AccountCredited(account=state, change=Change(kind="credit", actor="test", at=at))
    return Outgoing(event, Origin.first("test", "request:1"), at)


async def published(accounts: Accounts, outgoing: Outgoing) -> Record:
    """The record that a relay makes of it."""
    async with accounts.transactions.begin() as tx:
        await tx.outbox.add([outgoing])
    ((topic, key, headers, payload),) = await accounts.rows(
        "select topic, key, headers, payload from outbox order by seq desc limit 1"
    )
    pairs = tuple((name, value.encode()) for name, value in orjson.loads(headers).items())
    return Record(topic, 0, next(_offsets), key.encode(), payload, pairs)
