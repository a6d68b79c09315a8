"""The keys to which secrets are sealed: one a week, none for longer than two."""

import base64
from datetime import timedelta

import pytest

from shared.clock import system_now
from shared.closed_secrets import SecretUnreadable
from tests.integration.notifier.at_work import Notifier, at_work
from tests.integration.notifier.mailboxes import Mailboxes

SECRET = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(32)).decode()


async def test_a_new_key_comes_after_a_week_and_the_old_one_is_destroyed_after_two(
    notifier: Notifier,
) -> None:
    start = system_now()
    [first] = await _kids(notifier)

    await notifier.keep_keys(start + timedelta(days=6))
    assert await _kids(notifier) == [first]
    await notifier.keep_keys(start + timedelta(days=8))
    both = await _kids(notifier)
    await notifier.keep_keys(start + timedelta(days=14, minutes=1))
    left = await _kids(notifier)

    assert both[0] == first
    assert len(both) == 2
    assert left == both[1:]
    published = await notifier.published("sealing_key.published")
    assert [each["key"] for each in published] == both


async def test_a_second_start_makes_no_second_key(
    notifier: Notifier, database_url: str, mailboxes: Mailboxes
) -> None:
    async with at_work(database_url, mailboxes):
        assert len(await _kids(notifier)) == 1


async def test_with_a_secret_the_private_key_is_closed_in_the_database(
    database_url: str, mailboxes: Mailboxes
) -> None:
    async with at_work(database_url, mailboxes, SECRET) as notifier:
        [row] = await notifier.rows("select private_jwk from private_sealing_keys")

        assert '"d"' not in row["private_jwk"]
        assert not row["private_jwk"].startswith("{")


@pytest.mark.parametrize("secret", [None, OTHER])
async def test_a_start_without_the_right_secret_says_what_is_missing(
    database_url: str, mailboxes: Mailboxes, secret: str | None
) -> None:
    async with at_work(database_url, mailboxes, SECRET):
        pass

    with pytest.raises(SecretUnreadable, match="PERENNIAL_NOTIFIER__SEALING_KEY_SECRET"):
        async with at_work(database_url, mailboxes, secret):
            pass


async def _kids(notifier: Notifier) -> list[str]:
    rows = await notifier.rows("select kid from private_sealing_keys order by created_at")
    return [each["kid"] for each in rows]
