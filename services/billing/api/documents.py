"""HTTP for what is documented: invoices, payments, refunds, the ledger, the numbers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.billing.api.bodies import (
    BalanceBody,
    InvoiceBody,
    PathId,
    PaymentBody,
    RefundBody,
    SeriesBody,
    shown,
)
from services.billing.context import Context
from services.billing.domain.invoice import InvoiceUnknown
from services.billing.queries.audits import audit_sequences, balances
from services.billing.queries.documents import Asked, list_invoices, list_payments, list_refunds
from shared.access import Access
from shared.caller import Caller
from shared.http_lists import ListBody, Page

IdFilter = Annotated[str | None, Query(max_length=60, pattern=r"^[a-z0-9_]*$")]
StatusFilter = Annotated[str | None, Query(max_length=20, pattern=r"^[a-z_]*$")]


def document_routes(context: Context, access: Access) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["billing"])
    Reading = Annotated[Caller, Depends(access.requires("billing:read"))]  # noqa: N806  a type
    Paged = Annotated[Page, Depends()]  # noqa: N806  a type

    @router.get("/invoices")
    async def invoices(
        caller: Reading, page: Paged, subscription_id: IdFilter = None, status: StatusFilter = None
    ) -> ListBody[InvoiceBody]:
        asked = _asked(caller, page, subscription_id=subscription_id, status=status)
        async with context.begin() as tx:
            rows = await list_invoices(tx.sql, asked)
        return ListBody.of([shown(InvoiceBody, row) for row in rows], page, "/v1/invoices")

    @router.get("/invoices/sequence-audit")
    async def sequence_audit(caller: Reading) -> ListBody[SeriesBody]:
        async with context.begin() as tx:
            rows = await audit_sequences(tx.sql, caller.partner_id)
        url = "/v1/invoices/sequence-audit"
        return ListBody(data=[shown(SeriesBody, row) for row in rows], has_more=False, url=url)

    @router.get("/invoices/{invoice_id}")
    async def invoice(invoice_id: PathId, caller: Reading) -> InvoiceBody:
        async with context.begin() as tx:
            found = await list_invoices(tx.sql, Asked(caller.partner_id, None, 1, id=invoice_id))
        if not found:
            raise InvoiceUnknown(f"no invoice {invoice_id}")
        return shown(InvoiceBody, found[0])

    @router.get("/payments")
    async def payments(
        caller: Reading,
        page: Paged,
        subscription_id: IdFilter = None,
        invoice_id: IdFilter = None,
        status: StatusFilter = None,
    ) -> ListBody[PaymentBody]:
        asked = _asked(
            caller, page, subscription_id=subscription_id, invoice_id=invoice_id, status=status
        )
        async with context.begin() as tx:
            rows = await list_payments(tx.sql, asked)
        return ListBody.of([shown(PaymentBody, row) for row in rows], page, "/v1/payments")

    @router.get("/refunds")
    async def refunds(
        caller: Reading, page: Paged, subscription_id: IdFilter = None, status: StatusFilter = None
    ) -> ListBody[RefundBody]:
        asked = _asked(caller, page, subscription_id=subscription_id, status=status)
        async with context.begin() as tx:
            rows = await list_refunds(tx.sql, asked)
        return ListBody.of([shown(RefundBody, row) for row in rows], page, "/v1/refunds")

    @router.get("/ledger/balance")
    async def balance(caller: Reading) -> ListBody[BalanceBody]:
        async with context.begin() as tx:
            rows = await balances(tx.sql, caller.partner_id)
        url = "/v1/ledger/balance"
        return ListBody(data=[shown(BalanceBody, row) for row in rows], has_more=False, url=url)

    return router


def _asked(caller: Caller, page: Page, **filters: str | None) -> Asked:
    return Asked(caller.partner_id, page.starting_after, page.limit + 1, **filters)
