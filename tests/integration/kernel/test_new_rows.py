"""A few rows and many: the same rows, in one statement each time."""

import pytest

from shared.new_rows import FEW, insert_new
from tests.integration.kernel.accounts import Accounts

COLUMNS = ("id", "version", "balance")


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 50])
async def test_all_rows_are_there_as_they_were_given(accounts: Accounts, count: int) -> None:
    rows = [(f"acc_{n:02}", n, n * 100) for n in range(count)]

    async with accounts.transactions.begin() as tx:
        await insert_new(tx.sql, "account", COLUMNS, rows)

    assert await accounts.rows("select id, version, balance from account order by id") == rows


@pytest.mark.parametrize("count", [FEW, FEW + 1])
async def test_a_trigger_of_the_statement_sees_all_rows_at_once(
    accounts: Accounts, count: int
) -> None:
    """The ledger's entries add up to zero in a statement, and in no part of it."""
    async with accounts.transactions.begin() as tx:
        await tx.sql.execute("create table seen(n bigint)")
        await tx.sql.execute(
            """
            create function see() returns trigger language plpgsql
            as $$ begin insert into seen select count(*) from fresh; return null; end $$"""
        )
        await tx.sql.execute(
            """
            create trigger see after insert on account
            referencing new table as fresh for each statement execute function see()"""
        )
        await insert_new(tx.sql, "account", COLUMNS, [(f"a{n}", 0, 0) for n in range(count)])

    assert await accounts.rows("select n from seen") == [(count,)]
