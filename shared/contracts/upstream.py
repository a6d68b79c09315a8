"""What systems that we do not write tell us; everything on these topics is treated as hostile."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from shared.contracts.event import CheckoutPayment, Currency, Message, Part

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Told(Part):
    """A field that we do not know is most likely a misspelt one: it is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class CheckoutAddress(Told):
    """Postal address; `country` is ISO 3166-1 alpha-2."""

    line1: Text | None = None
    line2: Annotated[str, Field(max_length=200)] | None = None
    city: Text | None = None
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    region: Annotated[str, Field(max_length=100)] | None = None
    country: Annotated[str, Field(max_length=60)]


class CheckoutCustomer(Told):
    """Who bought. `reference` is the upstream's own id of the person: the same person, the same id."""

    reference: Text | None = None
    type: Literal["individual", "organization"] = "individual"
    name: Text
    email: Annotated[str, Field(min_length=3, max_length=320)]
    phone: Annotated[str, Field(max_length=40)] | None = None
    vat_number: Annotated[str, Field(max_length=40)] | None = None
    address: CheckoutAddress | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
    language: Annotated[str, Field(max_length=16)] | None = None


class CheckoutItem(Told):
    """One product of the offer; a price other than the catalog's needs a source trusted for prices."""

    product: Text
    quantity: Annotated[int, Field(ge=-(10**6), le=10**6)] = 1
    unit_price_minor: int | None = None
    configuration: dict[str, Any] = Field(default_factory=dict)


class CheckoutCompleted(Message, Told):
    """A customer has finished an upstream checkout (topic `checkout.completed`).

    Without `items` each product of the offer is taken once.
    """

    type = "checkout.completed"
    checkout_id: Text
    customer: CheckoutCustomer
    offer: Text
    currency: Currency
    items: Annotated[list[CheckoutItem], Field(max_length=50)] = Field(default_factory=list)
    payment: CheckoutPayment
    metadata: Annotated[dict[str, str], Field(max_length=50)] = Field(default_factory=dict)
