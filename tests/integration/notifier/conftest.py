"""Fixtures of the notifier's tests: two mail servers for a run, a notifier for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.notifier.at_work import Notifier, at_work
from tests.integration.notifier.mailboxes import Mailboxes, two_mailboxes


@pytest.fixture(scope="session")
def running_mailboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailboxes]:
    with two_mailboxes(tmp_path_factory.mktemp("mailboxes")) as running:
        yield running


@pytest.fixture
def mailboxes(running_mailboxes: Mailboxes) -> Mailboxes:
    """Both empty, as far as a test can see, and without rules."""
    running_mailboxes.live.forget()
    running_mailboxes.sandbox.forget()
    return running_mailboxes


@pytest.fixture
async def notifier(database_url: str, mailboxes: Mailboxes) -> AsyncIterator[Notifier]:
    async with at_work(database_url, mailboxes) as working:
        yield working
