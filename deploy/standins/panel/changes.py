"""What each operation makes of an account, and what it answers; the only rules the panel has."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from deploy.standins.panel.orders import Call
from deploy.standins.refusal import not_found
from deploy.standins.sandbox_time import shown

Account: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Changed:
    account: Account
    answer: dict[str, Any]


def create(call: Call, account: Account | None, now: datetime, url: str) -> Changed:
    """One that exists stays as it is; after a deletion the same id gets a new account."""
    if account and account["status"] != "deleted":
        kept = account | {"version": _version(call, account)}
        return Changed(kept, kept)
    born = shown(now)
    digest = hashlib.sha256(f"{call.external_id}|{born}".encode()).hexdigest()
    opened = {
        "external_id": call.external_id,
        "username": f"u{digest[:10]}",
        "password": secrets.token_urlsafe(12),
        "url": url,
        "status": "enabled",
        **{name: call.wish.get(name) for name in ("plan", "config", "expires_at")},
        "version": _version(call, account),
        "created": born,
    }
    return Changed(opened, opened)


def update(call: Call, account: Account | None, _now: datetime, _url: str) -> Changed:
    changed = _known(call, account) | call.wish | {"version": _version(call, account)}
    return Changed(changed, without_password(changed))


def renew_password(call: Call, account: Account | None, _now: datetime, _url: str) -> Changed:
    changed = _known(call, account) | {
        "password": secrets.token_urlsafe(12),
        "version": _version(call, account),
    }
    return Changed(changed, credentials(changed))


def delete(call: Call, account: Account | None, _now: datetime, _url: str) -> Changed:
    if account is None:
        raise not_found(f"no account {call.external_id!r}")
    stone = {
        "external_id": call.external_id,
        "status": "deleted",
        "version": _version(call, account),
    }
    return Changed(stone, stone)


CHANGES: dict[str, Callable[[Call, Account | None, datetime, str], Changed]] = {
    "create": create,
    "update": update,
    "password": renew_password,
    "delete": delete,
}


def present(call: Call, account: Account) -> dict[str, Any]:
    """What a call that came too late is answered with."""
    if account["status"] == "deleted" or call.operation == "create":
        return account
    return credentials(account) if call.operation == "password" else without_password(account)


def without_password(account: Account) -> dict[str, Any]:
    return {name: value for name, value in account.items() if name != "password"}


def credentials(account: Account) -> dict[str, Any]:
    return {name: account[name] for name in ("external_id", "username", "password")}


def _known(call: Call, account: Account | None) -> Account:
    if account is None or account["status"] == "deleted":
        raise not_found(f"no account {call.external_id!r}")
    return account


def _version(call: Call, account: Account | None) -> int:
    return max(call.version or 0, account["version"] if account else 0)
