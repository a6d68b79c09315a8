"""Decide whether a password may be looked at, before anybody spends the time to do it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from services.customers.domain.operator import Operator
from services.customers.domain.throttle import (
    BY_ACCOUNT,
    BY_ACCOUNT_AND_ADDRESS,
    BY_ADDRESS,
    Allowance,
)
from services.customers.use_cases.ports import Transaction
from shared.ids import PartnerId


@dataclass(frozen=True, slots=True)
class SignIn:
    """`email_key` is the normalised address, or whatever was typed where it is none."""

    partner_id: PartnerId
    email_key: str = field(repr=False)
    address: str = field(repr=False)

    @property
    def pair(self) -> str:
        return _name("account and address", self.partner_id, self.email_key, self.address)

    @property
    def account(self) -> str:
        return _name("account", self.partner_id, self.email_key)

    @property
    def from_where(self) -> str:
        return _name("address", self.address)


@dataclass(frozen=True, slots=True)
class Admission:
    """`wait` is set where there were too many attempts; `operator` is None for no such account,
    which the asker must not be able to tell from a wrong password.
    """

    operator: Operator | None
    wait: timedelta | None = None


async def admit_sign_in(command: SignIn, tx: Transaction, now: datetime) -> Admission:
    allowances: dict[str, Allowance] = {
        command.from_where: BY_ADDRESS,
        command.pair: BY_ACCOUNT_AND_ADDRESS,
    }
    if not await tx.sign_ins.knows(command.pair):
        allowances[command.account] = BY_ACCOUNT
    buckets = await tx.sign_ins.buckets(allowances, now)
    taken = {name: bucket.take() for name, bucket in buckets.items()}
    if None in taken.values():
        waits = [buckets[name].wait(allowance) for name, allowance in allowances.items()]
        return Admission(None, max(waits))
    await tx.sign_ins.keep({name: bucket for name, bucket in taken.items() if bucket})
    return Admission(await tx.operators.by_email(command.partner_id, command.email_key))


async def welcome(command: SignIn, tx: Transaction, now: datetime) -> None:
    """The password was right: strangers elsewhere cannot shut this address out any more."""
    await tx.sign_ins.remember(command.pair, now)


def _name(*parts: str) -> str:
    return sha256("\x00".join(parts).encode()).hexdigest()
