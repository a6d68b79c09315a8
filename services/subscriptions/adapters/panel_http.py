"""The panel over HTTP: one call for each wish, repeated without harm."""

from typing import Any

import httpx2

from services.subscriptions.domain.account import AccountStatus
from services.subscriptions.use_cases.ports import AccountCall, OpenedAccount, PanelUnavailable

GONE = {httpx2.codes.NOT_FOUND, httpx2.codes.GONE}


class HttpPanel:
    """`Perennial-Version` makes the panel ignore a call that a later one has overtaken."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def tell(self, call: AccountCall) -> OpenedAccount | None:
        if call.account.status is AccountStatus.DELETED:
            await self._send("DELETE", f"/v1/accounts/{call.key.id}", call, gone_is_fine=True)
            return None
        if call.is_open:
            body = {"status": call.account.status.value, **_settings(call)}
            await self._send("PUT", f"/v1/accounts/{call.key.id}", call, body)
            return None
        body = {"external_id": call.key.id, **_settings(call)}
        return _opened(await self._send("POST", "/v1/accounts", call, body))

    async def _send(
        self,
        method: str,
        path: str,
        call: AccountCall,
        body: dict[str, Any] | None = None,
        *,
        gone_is_fine: bool = False,
    ) -> dict[str, Any]:
        headers = {"Perennial-Version": str(call.version)}
        try:
            answer = await self._client.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise PanelUnavailable(type(error).__name__) from error
        if gone_is_fine and answer.status_code in GONE:
            return {}
        if not answer.is_success:
            raise PanelUnavailable(f"{answer.status_code} {answer.text[:300]}")
        try:
            found: dict[str, Any] = answer.json()
        except ValueError as error:
            raise PanelUnavailable("an answer that is no JSON") from error
        return found


def _settings(call: AccountCall) -> dict[str, Any]:
    return {
        "plan": call.account.plan,
        "config": call.account.configuration,
        "expires_at": call.account.expires_at.isoformat(),
    }


def _opened(account: dict[str, Any]) -> OpenedAccount | None:
    """None where the account was deleted meanwhile, by a call that overtook this one."""
    if account.get("status") == AccountStatus.DELETED.value:
        return None
    try:
        return OpenedAccount(
            username=str(account["username"]),
            password=str(account["password"]),
            url=str(account["url"]),
        )
    except KeyError as missing:
        raise PanelUnavailable(f"an account without {missing}") from missing
