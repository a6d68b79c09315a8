"""HTTP for acts: another payment method, an attempt by hand; and the standing they lead to."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.billing.api.bodies import MethodRequest, PathId, PaymentBody, StandingBody, shown
from services.billing.context import Context, EdgeTransaction
from services.billing.domain.contract import (
    Method,
    SubscriptionId,
    SubscriptionKey,
    SubscriptionUnknown,
)
from services.billing.domain.invoice import InvoiceId
from services.billing.queries.audits import show_standing
from services.billing.queries.documents import Asked, PaymentRow, list_payments
from services.billing.use_cases.change_payment_method import (
    ChangePaymentMethod,
    change_payment_method,
)
from services.billing.use_cases.pay_invoice import PayInvoice, pay_invoice
from shared.access import Access
from shared.caller import Caller
from shared.errors import Invalid
from shared.idempotency import require_idempotency_key


class UnknownGateway(Invalid):
    code = "unknown_gateway"


def payment_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["billing"])
    Reading = Annotated[Caller, Depends(access.requires("billing:read"))]  # noqa: N806  a type
    Writing = Annotated[Caller, Depends(access.requires("billing:write"))]  # noqa: N806  a type
    once = [Depends(require_idempotency_key)]

    @router.post("/subscriptions/{subscription_id}/payment_method", dependencies=once)
    async def change_method(
        subscription_id: PathId, body: MethodRequest, caller: Writing
    ) -> StandingBody:
        command = ChangePaymentMethod(
            SubscriptionKey(caller.partner_id, SubscriptionId(subscription_id)),
            Method(_known_gateway(body.gateway, context), body.method_ref),
            caller.origin,
        )

        async def work(tx: EdgeTransaction) -> StandingBody:
            await change_payment_method(command, tx, await tx.clocks.now(caller.partner_id))
            return await _standing(subscription_id, caller, tx)

        return await context.carry_out(work)

    @router.post("/invoices/{invoice_id}/pay", status_code=202, dependencies=once)
    async def pay(invoice_id: PathId, caller: Writing) -> PaymentBody:
        command = PayInvoice(caller.partner_id, InvoiceId(invoice_id), caller.origin)

        async def work(tx: EdgeTransaction) -> PaymentRow:
            attempt = await pay_invoice(command, tx, await tx.clocks.now(caller.partner_id))
            [row] = await list_payments(tx.sql, Asked(caller.partner_id, None, 1, id=attempt.id))
            return row

        return shown(PaymentBody, await context.carry_out(work))

    @router.get("/subscriptions/{subscription_id}/standing")
    async def standing(subscription_id: PathId, caller: Reading) -> StandingBody:
        async with context.begin() as tx:
            return await _standing(subscription_id, caller, tx)

    return router


async def _standing(subscription_id: str, caller: Caller, tx: EdgeTransaction) -> StandingBody:
    row = await show_standing(tx.sql, caller.partner_id, subscription_id)
    if row is None:
        raise SubscriptionUnknown(f"no subscription {subscription_id}")
    return shown(StandingBody, row)


def _known_gateway(name: str | None, context: Context) -> str:
    wanted = name or context.default_gateway
    if wanted not in context.gateways:
        known = ", ".join(sorted(context.gateways))
        raise UnknownGateway(
            f"there is no gateway {wanted}", field="gateway", way_out=f"Use one of: {known}."
        )
    return wanted
