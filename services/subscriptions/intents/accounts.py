"""Telling the panel how accounts are wanted: claimed, told with no transaction open, settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.subscriptions.context import Context, EdgeTransaction
from services.subscriptions.domain.events import SealedCredentials
from services.subscriptions.use_cases.activate_subscriptions import (
    ActivateSubscription,
    activate_subscriptions,
)
from services.subscriptions.use_cases.ports import (
    ACCOUNTS,
    AccountCall,
    OpenedAccount,
    PanelUnavailable,
)
from shared.intents import IntentLoop
from shared.sealing import SealingKey, seal

# The notifier mails credentials within minutes; the rest is for a mail server that is away.
SEALED_FOR = timedelta(days=7)
NO_SEALING_KEY = "no key to seal the credentials with is known yet"


@dataclass(frozen=True, slots=True)
class Answer:
    """`failure` says what went wrong; `opened` how to get into an account that is new."""

    opened: OpenedAccount | None = None
    failure: str | None = None


def account_calls(context: Context, at_once: int) -> IntentLoop[AccountCall, Answer]:
    async def claim(limit: int) -> Sequence[AccountCall]:
        return await context.carry_out(lambda tx: tx.accounts.claim(limit, context.live_now()))

    async def perform(call: AccountCall) -> Answer:
        try:
            return Answer(opened=await context.panel.tell(call))
        except PanelUnavailable as failure:
            return Answer(failure=str(failure))

    async def settle(answers: Sequence[tuple[AccountCall, Answer]]) -> None:
        await context.carry_out(lambda tx: _settle(answers, tx, context.live_now()))

    return IntentLoop(ACCOUNTS, claim, perform, settle, at_once=at_once)


async def _settle(
    answers: Sequence[tuple[AccountCall, Answer]], tx: EdgeTransaction, live_now: datetime
) -> None:
    """An opened account whose credentials cannot be sealed yet counts as not done: the panel
    gives the same account again. Subscriptions are locked before accounts, as everywhere.
    """
    key = await tx.sealing_keys.current(live_now)
    failed = [(call, said) for call, each in answers if (said := _failure(each, key))]
    undone = {call.key for call, _ in failed}
    told = [(call, each.opened) for call, each in answers if call.key not in undone]
    commands = [
        _activation(call, opened, key, live_now)
        for call, opened in told
        if opened is not None and key is not None
    ]
    now_by_partner = await tx.clocks.now_by_partner({each.partner_id for each in commands})
    await activate_subscriptions(commands, tx, now_by_partner)
    await tx.accounts.told([call for call, _ in told])
    await tx.accounts.failed(failed, live_now)


def _failure(answer: Answer, key: SealingKey | None) -> str | None:
    if answer.failure is None and answer.opened is not None and key is None:
        return NO_SEALING_KEY
    return answer.failure


def _activation(
    call: AccountCall, opened: OpenedAccount, key: SealingKey, live_now: datetime
) -> ActivateSubscription:
    secret = {"username": opened.username, "password": opened.password, "url": opened.url}
    sealed = seal(secret, key, live_now + SEALED_FOR)
    return ActivateSubscription(
        call.key.partner_id,
        call.key.id,
        SealedCredentials(sealed.kid, sealed.jwe, sealed.expires_at),
        call.origin,
    )
