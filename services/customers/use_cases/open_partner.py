"""Take a partner in: its profile, its first API key, and a clock of its own where it is a sandbox."""

from dataclasses import dataclass
from datetime import datetime

from services.customers.domain.api_key import ApiKey, ApiKeyId, ApiKeyKey, new_secret
from services.customers.domain.directory import Directory
from services.customers.domain.partner import Partner, PartnerProfile, checked_profile
from services.customers.domain.sandbox_clock import (
    NoSandbox,
    SandboxClock,
    SandboxClockId,
    SandboxClockKey,
)
from services.customers.domain.scopes import EVERYTHING
from services.customers.use_cases.ports import Transaction
from shared.ids import SANDBOX_PREFIX, PartnerId, new_id
from shared.origin import Origin


@dataclass(frozen=True, slots=True)
class OpenPartner:
    """`frozen_time` is where a sandbox's clock begins; left out, it begins at the present."""

    profile: PartnerProfile
    sandbox: bool
    notifications_enabled: bool
    frozen_time: datetime | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class OpenedPartner:
    """`secret` is shown once and known to nobody afterwards."""

    partner: Partner
    clock: SandboxClock | None
    api_key: ApiKey
    secret: str


async def open_partner(
    command: OpenPartner, tx: Transaction, directory: Directory, now: datetime
) -> OpenedPartner:
    profile = checked_profile(command.profile, directory)
    if command.frozen_time is not None and not command.sandbox:
        raise NoSandbox(
            "only a sandbox has a clock of its own",
            field="frozen_time",
            way_out="Leave it out, or open the partner with sandbox: true.",
        )
    at = command.frozen_time or now
    partner_id = PartnerId(new_id(SANDBOX_PREFIX if command.sandbox else "ptn"))
    partner, events = Partner.open(
        partner_id,
        profile,
        sandbox=command.sandbox,
        notifications_enabled=command.notifications_enabled,
        at=at,
    )
    await tx.partners.add(partner, events, command.origin)
    clock = await _clock(command, tx, partner_id, at, now) if command.sandbox else None
    secret = new_secret(partner_id)
    key = ApiKeyKey(partner_id, ApiKeyId(new_id("key")))
    api_key, issued = ApiKey.issue(key, secret, frozenset({EVERYTHING}), at)
    await tx.api_keys.save(api_key, issued, command.origin)
    return OpenedPartner(partner, clock, api_key, secret)


async def _clock(
    command: OpenPartner, tx: Transaction, partner_id: PartnerId, at: datetime, real: datetime
) -> SandboxClock:
    clock, events = SandboxClock.frozen(
        SandboxClockKey(partner_id, SandboxClockId(new_id("clk"))), at, real
    )
    await tx.test_clocks.save(clock, events, command.origin)
    return clock
