"""What an upstream says was bought and how it was paid: unchecked, then held against the rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from services.customers.domain.details import DetailsForm
from services.customers.domain.text import made_plain, require_plain, require_plain_throughout
from shared.errors import Invalid
from shared.money import LARGEST_QUANTITY, exponent

PaymentStatus = Literal["captured", "method", "none"]

LARGEST_AMOUNT: Final = 10**15
LONGEST_METADATA_NAME: Final = 40
LONGEST_METADATA_VALUE: Final = 500
LARGEST_CONFIGURATION: Final = 16 * 1024
_ANEW: Final = "Correct it and send the checkout again under a new checkout_id."


class NegativeAmount(Invalid):
    code = "negative_amount"


class AmountTooLarge(Invalid):
    code = "amount_too_large"


class CurrenciesDiffer(Invalid):
    code = "currencies_differ"


class PaymentIncomplete(Invalid):
    code = "payment_incomplete"


class InvalidQuantity(Invalid):
    code = "invalid_quantity"


class DuplicateProduct(Invalid):
    code = "duplicate_product"


class MetadataTooLong(Invalid):
    code = "metadata_too_long"


class ConfigurationTooLarge(Invalid):
    code = "configuration_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedItem:
    """`unit_price_minor` is None where the catalog's price is meant."""

    product: str
    quantity: int = 1
    unit_price_minor: int | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """`captured` is what the upstream says; billing asks the gateway before it believes it."""

    status: PaymentStatus
    gateway: str | None = None
    reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    method_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """`reference` is the upstream's own id of the checkout."""

    reference: str
    customer_reference: str | None
    customer: DetailsForm
    offer: str
    currency: str
    items: Sequence[OrderedItem]
    payment: Payment
    metadata: Mapping[str, str] = field(default_factory=dict)

    def made_plain(self) -> "OrderForm":
        """Fit to be kept although it was refused: forbidden characters are replaced."""
        payment = self.payment
        return replace(
            self,
            offer=made_plain(self.offer),
            items=tuple(_plain_item(each) for each in self.items),
            payment=replace(
                payment,
                gateway=made_plain(payment.gateway),
                reference=made_plain(payment.reference),
                method_ref=made_plain(payment.method_ref),
            ),
            metadata=made_plain(dict(self.metadata)),
        )


def require_sound_order(form: OrderForm) -> None:
    """All of the form but the customer.

    Raises:
        Invalid: the first field that is wrong, by its path within the body.
    """
    require_plain(form.offer, "offer")
    exponent(form.currency)
    _require_sound_items(form)
    _require_sound_payment(form)
    _require_short_metadata(form.metadata)


def _plain_item(item: OrderedItem) -> OrderedItem:
    configuration = made_plain(dict(item.configuration))
    return replace(item, product=made_plain(item.product), configuration=configuration)


def _require_sound_items(form: OrderForm) -> None:
    seen: set[str] = set()
    total = 0
    for place, item in enumerate(form.items):
        path = f"items.{place}"
        require_plain(item.product, f"{path}.product")
        if item.product in seen:
            raise DuplicateProduct(
                f"{path}.product stands twice",
                field=f"{path}.product",
                way_out="Name each product once and say how many in its quantity, under a new"
                " checkout_id.",
            )
        seen.add(item.product)
        _require_quantity(item.quantity, f"{path}.quantity")
        _require_small_configuration(item.configuration, f"{path}.configuration")
        if item.unit_price_minor is not None:
            price = _amount(item.unit_price_minor, f"{path}.unit_price_minor")
            total = _amount(total + price * item.quantity, f"{path}.unit_price_minor")


def _require_quantity(quantity: int, path: str) -> None:
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise InvalidQuantity(
            f"a quantity of {quantity}",
            field=path,
            way_out=f"Send a whole number from 1 to {LARGEST_QUANTITY}, under a new checkout_id.",
        )


def _require_small_configuration(configuration: Mapping[str, Any], path: str) -> None:
    require_plain_throughout(configuration, path)
    if len(json.dumps(configuration, ensure_ascii=False).encode()) > LARGEST_CONFIGURATION:
        raise ConfigurationTooLarge(
            f"{path} takes more than {LARGEST_CONFIGURATION} bytes", field=path, way_out=_ANEW
        )


def _amount(minor: int, path: str) -> int:
    if minor < 0:
        raise NegativeAmount(f"{path} is below zero", field=path, way_out=_ANEW)
    if minor > LARGEST_AMOUNT:
        raise AmountTooLarge(
            f"{path} leads to more than {LARGEST_AMOUNT} minor units", field=path, way_out=_ANEW
        )
    return minor


def _require_sound_payment(form: OrderForm) -> None:
    payment = form.payment
    for name in ("gateway", "reference", "method_ref"):
        if (text := getattr(payment, name)) is not None:
            require_plain(text, f"payment.{name}")
    if payment.amount_minor is not None:
        _amount(payment.amount_minor, "payment.amount_minor")
    if payment.currency not in {None, form.currency}:
        raise CurrenciesDiffer(
            f"paid in {payment.currency}, bought in {form.currency}",
            field="payment.currency",
            way_out="Charge and order in one currency, under a new checkout_id.",
        )
    for name in _needed(payment):
        if getattr(payment, name) is None:
            raise PaymentIncomplete(
                f"a payment that is {payment.status} needs {name}",
                field=f"payment.{name}",
                way_out=f"Send payment.{name}, under a new checkout_id.",
            )


def _needed(payment: Payment) -> tuple[str, ...]:
    match payment.status:
        case "captured":
            return ("reference", "amount_minor")
        case "method":
            return ("method_ref",)
        case "none":
            return ()


def _require_short_metadata(metadata: Mapping[str, str]) -> None:
    for name, value in metadata.items():
        require_plain(name, "metadata")
        require_plain(value, f"metadata.{name}")
        if len(name) > LONGEST_METADATA_NAME or len(value) > LONGEST_METADATA_VALUE:
            raise MetadataTooLong(
                f"a name has up to {LONGEST_METADATA_NAME} characters, a value up to"
                f" {LONGEST_METADATA_VALUE}",
                field=f"metadata.{name[:LONGEST_METADATA_NAME]}",
                way_out="Keep long texts on your side and send their id, under a new checkout_id.",
            )
