"""Making a subscription of an accepted checkout, or saying why there can be none."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from services.subscriptions.domain.checkout import Checkout, CheckoutItem, PaymentStatus
from services.subscriptions.domain.events import Change, ChangeKind, SubscriptionCreated
from services.subscriptions.domain.hold import Cause
from services.subscriptions.domain.item import Item
from services.subscriptions.domain.offer import LARGEST_MINOR, Offer, OfferProduct
from services.subscriptions.domain.order import subscription_of
from services.subscriptions.domain.subscription import CustomerId, Subscription
from shared.calendar import require_zone
from shared.errors import Invalid
from shared.ids import derived_id
from shared.money import LARGEST_QUANTITY


class Misfit(NamedTuple):
    """Where a configuration breaks its schema (dots, or nothing for the whole), and how."""

    path: str
    message: str


FindMisfit: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], Misfit | None]


class CheckoutRejected(Invalid):
    code = "checkout_rejected"


class CustomerMissing(Invalid):
    code = "customer_missing"


class OfferUnknown(Invalid):
    code = "offer_unknown"


class ProductUnknown(Invalid):
    code = "product_unknown"


class CurrencyNotPriced(Invalid):
    code = "currency_not_priced"


class QuantityOutOfRange(Invalid):
    code = "quantity_out_of_range"


class PriceNotTrusted(Invalid):
    code = "price_not_trusted"


class PriceNotPossible(Invalid):
    code = "price_not_possible"


class TotalTooLarge(Invalid):
    code = "total_too_large"


class ConfigurationMisfit(Invalid):
    code = "configuration_misfit"


class PaymentIncomplete(Invalid):
    code = "payment_incomplete"


class CapturedInTrial(Invalid):
    code = "captured_in_trial"


class CapturedAmountDiffers(Invalid):
    code = "captured_amount_differs"


class CapturedCurrencyDiffers(Invalid):
    code = "captured_currency_differs"


def place_order(
    checkout: Checkout, offer: Offer | None, find_misfit: FindMisfit, cause: Cause
) -> tuple[Subscription, list[SubscriptionCreated]]:
    """
    Raises:
        Invalid: the order is refused; the first fault found is the one that is told.
    """
    if offer is None:
        raise OfferUnknown(
            f"there is no offer {checkout.offer!r}",
            field="offer",
            way_out="Publish the offer, or name one that is published.",
        )
    if checkout.customer_id is None:
        raise CustomerMissing("the checkout names no customer", field="customer_id")
    require_zone(checkout.timezone)
    items = _items(checkout, offer, find_misfit)
    _check_payment(checkout, offer, items)
    subscription = Subscription(
        id=subscription_of(checkout.partner_id, checkout.id),
        partner_id=checkout.partner_id,
        customer_id=CustomerId(checkout.customer_id),
        bill_to=checkout.customer_id,
        checkout_id=checkout.id,
        checkout_reference=checkout.reference,
        offer=offer.code,
        interval=offer.interval,
        currency=checkout.currency,
        timezone=checkout.timezone,
        items=items,
        trial_days=offer.trial_days,
        minimum_periods=offer.minimum_periods,
        end_of_term=offer.end_of_term,
        created_at=cause.at,
    )
    change = Change(ChangeKind.CREATED, cause)
    return subscription, [
        SubscriptionCreated(subscription.next_version(), change, checkout.payment)
    ]


def _items(checkout: Checkout, offer: Offer, find_misfit: FindMisfit) -> tuple[Item, ...]:
    ordered = checkout.items or tuple(CheckoutItem(each.code, 1) for each in offer.products)
    items = tuple(_item(checkout, offer, each, n, find_misfit) for n, each in enumerate(ordered))
    if sum(each.amount_minor for each in items) > LARGEST_MINOR:
        raise TotalTooLarge(
            f"the first period is more than {LARGEST_MINOR} minor units",
            field="items",
            way_out="Order fewer units.",
        )
    return items


def _item(
    checkout: Checkout, offer: Offer, ordered: CheckoutItem, n: int, find_misfit: FindMisfit
) -> Item:
    product = offer.product(ordered.product)
    if product is None:
        raise ProductUnknown(
            f"offer {offer.code} has no product {ordered.product!r}",
            field=f"items.{n}.product",
            way_out=f"Name one of: {', '.join(each.code for each in offer.products)}.",
        )
    if not 1 <= ordered.quantity <= LARGEST_QUANTITY:
        raise QuantityOutOfRange(
            f"{ordered.quantity} units of {product.code}",
            field=f"items.{n}.quantity",
            way_out=f"Order 1 to {LARGEST_QUANTITY} units.",
        )
    price = _price(checkout, product, ordered, n)
    misfit = find_misfit(product.configuration_schema, ordered.configuration)
    if misfit is not None:
        raise ConfigurationMisfit(
            f"the configuration of {product.code} does not fit: {misfit.message}",
            field=f"items.{n}.configuration.{misfit.path}".rstrip("."),
            way_out="Send a configuration that the product's schema allows.",
        )
    return Item(
        id=derived_id("itm", subscription_of(checkout.partner_id, checkout.id), n),
        product=product.code,
        quantity=ordered.quantity,
        unit_price_minor=price,
        configuration=ordered.configuration,
    )


def _price(checkout: Checkout, product: OfferProduct, ordered: CheckoutItem, n: int) -> int:
    """The catalog's, or the checkout's own where its source may name prices."""
    catalog, named = product.prices_minor.get(checkout.currency), ordered.unit_price_minor
    if named is not None and checkout.price_trusted:
        if not 0 <= named <= LARGEST_MINOR:
            raise PriceNotPossible(
                f"{named} minor units for {product.code}",
                field=f"items.{n}.unit_price_minor",
                way_out=f"Give 0 to {LARGEST_MINOR} minor units.",
            )
        return named
    if catalog is None:
        raise CurrencyNotPriced(
            f"product {product.code} has no price in {checkout.currency}",
            field="currency",
            way_out=f"Sell it in one of: {', '.join(sorted(product.prices_minor))}.",
        )
    if named is not None and named != catalog:
        raise PriceNotTrusted(
            f"{product.code} costs {catalog} minor units, the checkout says {named}",
            field=f"items.{n}.unit_price_minor",
            way_out="Leave the price out, or have the partner trust this source for prices.",
        )
    return catalog


def _check_payment(checkout: Checkout, offer: Offer, items: tuple[Item, ...]) -> None:
    payment = checkout.payment
    if payment.status is PaymentStatus.METHOD:
        _require(payment.method_ref, "payment.method_ref", "the method to charge is not named")
        _require(payment.gateway, "payment.gateway", "the gateway is not named")
    if payment.status is not PaymentStatus.CAPTURED:
        return
    if offer.trial_days:
        if payment.amount_minor:
            raise CapturedInTrial(
                f"{payment.amount_minor} minor units were captured for a trial",
                field="payment.amount_minor",
                way_out="Take a payment method and no money; the trial is charged at its end.",
            )
        return
    _require(payment.reference, "payment.reference", "the captured money is not named")
    _require(payment.gateway, "payment.gateway", "the gateway is not named")
    total = sum(each.amount_minor for each in items)
    if payment.currency != checkout.currency:
        raise CapturedCurrencyDiffers(
            f"captured in {payment.currency}, sold in {checkout.currency}",
            field="payment.currency",
            way_out="Capture in the currency of the checkout.",
        )
    if payment.amount_minor != total:
        raise CapturedAmountDiffers(
            f"{payment.amount_minor} minor units were captured, the first period costs {total}",
            field="payment.amount_minor",
            way_out="Capture exactly the price of the first period.",
        )


def _require(value: str | None, field: str, message: str) -> None:
    if not value:
        raise PaymentIncomplete(message, field=field, way_out="Name it and check out again.")
