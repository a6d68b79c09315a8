"""Stores payment attempts, dunnings and verifications; their leases belong to the intents' queues."""

from collections.abc import Sequence

import orjson

from services.billing.adapters.in_sets import execute_set
from services.billing.domain.books import Books
from services.billing.domain.dunning import Dunning
from services.billing.domain.payment_attempt import PaymentAttempt
from shared.new_rows import insert_new
from shared.sql import Sql


async def save_attempts(sql: Sql, all_books: Sequence[Books]) -> None:
    await execute_set(
        sql,
        """
        update payment_attempts a set
            state = t.state, reference = t.reference, code = t.code, is_hard = t.is_hard,
            gateway = t.gateway, method_ref = t.method_ref,
            lease_token = null, lease_until = null, next_at = null
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[],
                    $7::text[])
            as t(id, state, reference, code, is_hard, gateway, method_ref)
        where a.id = t.id""",
        [(each.id, *_outcome(each)) for books in all_books for each in books.attempts.moved],
    )
    new = [_attempt_row(each) for books in all_books for each in books.attempts.new]
    await insert_new(sql, "payment_attempts", ATTEMPT, new)


ATTEMPT = (
    *("id", "state", "reference", "code", "is_hard", "gateway", "method_ref", "key"),
    *("partner_id", "subscription_id", "invoice_id", "n", "amount_minor", "currency", "cause"),
    *("actor", "created_at"),
)


def _outcome(attempt: PaymentAttempt) -> tuple[object, ...]:
    return (
        attempt.state.value,
        attempt.reference,
        attempt.code,
        attempt.hard,
        attempt.method.gateway,
        attempt.method.ref,
    )


def _attempt_row(attempt: PaymentAttempt) -> tuple[object, ...]:
    return (
        attempt.id,
        *_outcome(attempt),
        attempt.key,
        attempt.partner_id,
        attempt.subscription_id,
        attempt.invoice_id,
        attempt.n,
        attempt.amount_minor,
        attempt.currency,
        attempt.trigger,
        attempt.actor,
        attempt.created_at,
    )


async def save_dunnings(sql: Sql, all_books: Sequence[Books]) -> None:
    await execute_set(
        sql,
        """
        update dunnings d set state = t.state, retries = t.retries
        from unnest($1::text[], $2::text[], $3::jsonb[]) as t(invoice_id, state, retries)
        where d.invoice_id = t.invoice_id""",
        [
            (each.invoice_id, each.state.value, _retries(each))
            for books in all_books
            for each in books.dunnings.moved
        ],
    )
    await execute_set(
        sql,
        """
        insert into dunnings(invoice_id, partner_id, subscription_id, state, grace_until, retries)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                             $6::jsonb[])""",
        [
            (
                each.invoice_id,
                books.contract.partner_id,
                books.contract.subscription_id,
                each.state.value,
                each.grace_until,
                _retries(each),
            )
            for books in all_books
            for each in books.dunnings.new
        ],
    )


def _retries(dunning: Dunning) -> str:
    return orjson.dumps(dunning.retries).decode()


async def save_verifications(sql: Sql, all_books: Sequence[Books]) -> None:
    """One for a subscription, for ever: asked once, then only its state moves."""
    await execute_set(
        sql,
        """
        insert into verifications as v (
            subscription_id, partner_id, gateway, reference, amount_minor, currency, asked_at, state)
        select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
                             $6::text[], $7::timestamptz[], $8::text[])
        on conflict (subscription_id) do update set state = excluded.state
        where v.state <> excluded.state""",
        [
            (
                each.subscription_id,
                each.partner_id,
                each.gateway,
                each.reference,
                each.amount_minor,
                each.currency,
                each.asked_at,
                each.state.value,
            )
            for each in (books.verification for books in all_books)
            if each is not None
        ],
    )
