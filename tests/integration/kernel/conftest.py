"""Fixtures of the kernel's tests: the accounts over an empty database."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.kernel.accounts import Accounts, open_accounts


@pytest.fixture
async def accounts(database_url: str) -> AsyncIterator[Accounts]:
    opened = await open_accounts(database_url)
    yield opened
    await opened.close()
