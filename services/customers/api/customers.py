"""HTTP for customer accounts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.customers.api.bodies import PLAIN, Asked, EmailText, PathId, Text
from services.customers.context import Context, EdgeTransaction
from services.customers.domain.customer import Customer, CustomerId, CustomerNotFound
from services.customers.domain.details import Address, CustomerType, DetailsForm
from services.customers.domain.email import Email
from services.customers.queries.customers import CustomerRow, list_customers, show_customer
from services.customers.use_cases.edit_customer import EditCustomer, edit_customer
from services.customers.use_cases.open_customer import OpenCustomer, open_customer
from shared.access import Access
from shared.caller import Caller
from shared.errors import Invalid
from shared.http_lists import ListBody, Page

URL = "/v1/customers"
PhoneText = Annotated[str, Field(min_length=1, max_length=40)]
CLEARABLE = frozenset({"phone", "vat_number"})


class AddressRequest(Asked):
    line1: Text
    line2: Annotated[str, Field(max_length=200)] | None = None
    city: Text
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    region: Annotated[str, Field(max_length=100)] | None = None
    country: Annotated[str, Field(max_length=2)]

    def said(self) -> Address:
        return Address(**self.model_dump())


class DetailsRequest(Asked):
    vat_number: Annotated[str, Field(max_length=40)] | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
    language: Annotated[str, Field(max_length=16)] | None = None


class OpenCustomerRequest(DetailsRequest):
    type: CustomerType
    name: Text
    phone: PhoneText
    address: AddressRequest
    email: EmailText
    external_reference: Text | None = None
    notifications_enabled: bool = True
    sign_in_enabled: bool = False

    def form(self) -> DetailsForm:
        return DetailsForm(
            type=self.type,
            name=self.name,
            email=self.email,
            phone=self.phone,
            vat_number=self.vat_number,
            address=self.address.said(),
            timezone=self.timezone,
            language=self.language,
        )


class EditCustomerRequest(DetailsRequest):
    """What is left out stays; `null` clears phone and vat_number."""

    type: CustomerType | None = None
    name: Text | None = None
    phone: PhoneText | None = None
    address: AddressRequest | None = None
    email: EmailText | None = None
    notifications_enabled: bool | None = None
    sign_in_enabled: bool | None = None

    def form(self) -> DetailsForm:
        return DetailsForm(
            type=self.type,
            name=self.name,
            email=self.email,
            phone=self.phone,
            vat_number=self.vat_number,
            address=None if self.address is None else self.address.said(),
            timezone=self.timezone,
            language=self.language,
        )

    @property
    def forget(self) -> frozenset[str]:
        return frozenset(
            name for name in CLEARABLE & self.model_fields_set if getattr(self, name) is None
        )


class CustomerBody(BaseModel):
    object: Literal["customer"] = "customer"
    id: str
    external_reference: str | None
    type: str
    name: str
    email: str
    phone: str | None
    vat_number: str | None
    address: dict[str, Any] | None
    timezone: str
    language: str
    notifications_enabled: bool
    sign_in_enabled: bool
    version: int
    created_at: datetime

    @classmethod
    def of(cls, customer: CustomerRow) -> "CustomerBody":
        return cls(**{name: getattr(customer, name) for name in CustomerRow.__dataclass_fields__})


def customer_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix=URL, tags=["customers"])
    Reading = Annotated[Caller, Depends(access.requires("customers:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("customers:write"))]  # noqa: N806  a type

    @router.get("")
    async def list_own(
        caller: Reading,
        page: Annotated[Page, Depends()],
        email: Annotated[str | None, Query(max_length=320, pattern=PLAIN)] = None,
        reference: Annotated[str | None, Query(max_length=200, pattern=PLAIN)] = None,
    ) -> ListBody[CustomerBody]:
        email_key = None if email is None else _parsed(context, email).key
        async with context.begin() as tx:
            rows = await list_customers(
                tx.sql,
                caller.partner_id,
                email_key=email_key,
                reference=reference,
                starting_after=page.starting_after,
                limit=page.limit + 1,
            )
        return ListBody.of([CustomerBody.of(row) for row in rows], page, URL)

    @router.get("/{customer_id}")
    async def show(customer_id: PathId, caller: Reading) -> CustomerBody:
        return await _shown(context, caller, customer_id)

    @router.post("", status_code=201)
    async def open_one(body: OpenCustomerRequest, caller: Writing) -> CustomerBody:
        command = OpenCustomer(
            partner_id=caller.partner_id,
            reference=body.external_reference,
            form=body.form(),
            notifications_enabled=body.notifications_enabled,
            sign_in_enabled=body.sign_in_enabled,
            request_key=caller.request_key,
            origin=caller.origin,
        )

        async def work(tx: EdgeTransaction) -> Customer:
            now = await tx.clocks.now(caller.partner_id)
            return await open_customer(command, tx, context.directory, now)

        customer = await context.carry_out(work)
        return await _shown(context, caller, customer.id)

    @router.patch("/{customer_id}")
    async def edit(customer_id: PathId, body: EditCustomerRequest, caller: Writing) -> CustomerBody:
        command = EditCustomer(
            partner_id=caller.partner_id,
            customer_id=CustomerId(customer_id),
            form=body.form(),
            forget=body.forget,
            notifications_enabled=body.notifications_enabled,
            sign_in_enabled=body.sign_in_enabled,
            origin=caller.origin,
        )

        async def work(tx: EdgeTransaction) -> Customer:
            now = await tx.clocks.now(caller.partner_id)
            return await edit_customer(command, tx, context.directory, now)

        customer = await context.carry_out(work)
        return await _shown(context, caller, customer.id)

    return router


async def _shown(context: Context, caller: Caller, customer_id: str) -> CustomerBody:
    async with context.begin() as tx:
        row = await show_customer(tx.sql, caller.partner_id, customer_id)
    if row is None:
        raise CustomerNotFound(
            f"no customer {customer_id}", way_out="List the customers and take an id from there."
        )
    return CustomerBody.of(row)


def _parsed(context: Context, email: str) -> Email:
    try:
        return context.directory.email(email)
    except Invalid as fault:
        fault.way_out = "Search for a whole address."
        raise
