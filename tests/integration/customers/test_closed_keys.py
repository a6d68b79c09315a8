"""Who has a copy of the database has no key of it."""

import base64
import hmac
from hashlib import sha256

import orjson
import pytest

from shared.closed_secrets import SecretUnreadable
from tests.integration.customers.platform import Customers, Partner, a_checkout, running

SECRET = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(32)).decode()
SIGNED = "urn:signed"


async def test_with_a_secret_no_key_can_be_read_in_the_database(
    customers: Customers, partner: Partner
) -> None:
    await customers.rows("delete from signing_keys")

    async with running(customers.url, SECRET) as closing:
        await started(closing)
        made = await closing.shop(partner, SIGNED, signing_key=True)

        kept = await keys_of(customers)
        assert made["signing_key"].startswith("whsec_")
        assert len(kept) == 2
        assert not any("whsec_" in each or '"d"' in each for each in kept)
        await believes_what_is_signed(closing, made["signing_key"])


async def test_keys_that_were_stored_open_are_closed_at_the_next_start(
    customers: Customers, partner: Partner
) -> None:
    made = await customers.shop(partner, SIGNED, signing_key=True)

    async with running(customers.url, SECRET) as closing:
        await started(closing)

        assert made["signing_key"] not in await keys_of(customers)
        await believes_what_is_signed(closing, made["signing_key"])


@pytest.mark.parametrize("secret", [None, OTHER])
async def test_a_start_without_the_right_secret_says_what_is_missing(
    customers: Customers, partner: Partner, secret: str | None
) -> None:
    async with running(customers.url, SECRET) as closing:
        await closing.shop(partner, SIGNED, signing_key=True)

    async with running(customers.url, secret) as wrong:
        with pytest.raises(SecretUnreadable, match="PERENNIAL_CUSTOMERS__KEY_SECRET"):
            await started(wrong)


async def started(customers: Customers) -> None:
    assert customers.service.on_start is not None
    await customers.service.on_start()


async def keys_of(customers: Customers) -> list[str]:
    rows = await customers.rows(
        """
        select signing_key as key from sources where signing_key is not null
        union all select private_jwk from signing_keys"""
    )
    return [each["key"] for each in rows]


async def believes_what_is_signed(customers: Customers, key: str) -> None:
    body = orjson.dumps(a_checkout())
    signature = hmac.new(key.encode(), body, sha256).hexdigest().encode()

    await customers.deliver(
        customers.record(body, source=SIGNED, headers=[("ce_signature", signature)])
    )

    assert await customers.said("checkout.accepted") == ["checkout.accepted"]
