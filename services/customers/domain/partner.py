"""A partner: the tenant to whom every row, event and query belongs."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.customers.domain.directory import Directory
from services.customers.domain.text import require_plain, require_said
from shared.calendar import require_zone
from shared.errors import Invalid, NotFound
from shared.ids import PartnerId
from shared.money import exponent


class PartnerNotFound(NotFound):
    code = "partner_not_found"


class UnknownPartnerCountry(Invalid):
    code = "unknown_country"


@dataclass(frozen=True, slots=True)
class PartnerOpened:
    partner: "Partner"
    at: datetime


@dataclass(frozen=True, slots=True)
class PartnerSwitched:
    """Its mails to customers are on, or off."""

    partner: "Partner"
    at: datetime


PartnerEvent: TypeAlias = PartnerOpened | PartnerSwitched


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerProfile:
    """What customers see, and the defaults that hold for them."""

    name: str
    timezone: str
    country: str
    currency: str
    support_email: str


@dataclass(slots=True, kw_only=True)
class Partner:
    """`notifications_enabled` is the switch over all mails to its customers but security mails."""

    id: PartnerId
    version: int
    sandbox: bool
    profile: PartnerProfile
    notifications_enabled: bool
    created_at: datetime

    @classmethod
    def open(
        cls,
        partner_id: PartnerId,
        profile: PartnerProfile,
        *,
        sandbox: bool,
        notifications_enabled: bool = True,
        at: datetime,
    ) -> tuple["Partner", list[PartnerEvent]]:
        partner = cls(
            id=partner_id,
            version=1,
            sandbox=sandbox,
            profile=profile,
            notifications_enabled=notifications_enabled,
            created_at=at,
        )
        return partner, [PartnerOpened(replace(partner), at)]

    def switch_notifications(self, *, enabled: bool, at: datetime) -> list[PartnerEvent]:
        """To where the switch stands already, nothing is said."""
        if enabled is self.notifications_enabled:
            return []
        self.notifications_enabled = enabled
        self.version += 1
        return [PartnerSwitched(replace(self), at)]


def checked_profile(profile: PartnerProfile, directory: Directory) -> PartnerProfile:
    """
    Raises:
        Invalid: the first field that is wrong.
    """
    require_plain(profile.name, "name")
    require_said(profile.name, "name")
    require_zone(profile.timezone)
    exponent(profile.currency)
    if not directory.is_country(profile.country):
        raise UnknownPartnerCountry(
            f"{profile.country!r} is not a country",
            field="country",
            way_out="Give the two capital letters of ISO 3166-1, such as DE.",
        )
    try:
        support = directory.email(profile.support_email)
    except Invalid as fault:
        fault.field = "support_email"
        raise
    return replace(profile, name=profile.name.strip(), support_email=support.text)
