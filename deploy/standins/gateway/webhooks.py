"""Tells the world of results: signed, repeated until heard, remembered across a restart."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any, TypeAlias

import httpx2

from deploy.standins.ledger import Ledger

Event: TypeAlias = dict[str, Any]

PAUSES = (0.2, 1.0, 5.0, 15.0, 60.0)
HEARD_WITHIN = 5.0
AT_ONCE = 16


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """Standard Webhooks' form: a secret with `whsec_` is base64, another is itself."""
    signed = b".".join((webhook_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix("whsec_")
    return base64.b64decode(encoded, validate=True) if encoded != secret else secret.encode()


class Webhooks:
    def __init__(self, ledger: Ledger, url: str | None, secret: str) -> None:
        self.aim(url, secret)
        self.delivered = self.given_up = self._said = 0
        self._ledger = ledger
        self._outstanding: dict[str, Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(AT_ONCE)
        for entry in ledger.at_start:
            if entry["kind"] == "webhook":
                self._said += 1
                self._outstanding[entry["event"]["id"]] = entry["event"]
            elif entry["kind"] == "webhook_done":
                self._outstanding.pop(entry["id"], None)

    async def open(self) -> None:
        # Redirects are not followed: a signature is for one address.
        self._client = httpx2.AsyncClient(timeout=HEARD_WITHIN)
        if self.url is not None:
            for event in self._outstanding.values():
                self._start(event)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._client.aclose()

    def aim(self, url: str | None, secret: str) -> None:
        """Raises ValueError when the secret is no base64 after its prefix."""
        _key(secret)
        self.url, self.secret = url, secret

    async def tell(self, said: list[tuple[Event, str | None]]) -> None:
        """Events with how to tell them; they are written when it returns, early ones tried once."""
        if self.url is None:
            return
        told = [(self._named(event), mode) for event, mode in said if mode != "no_webhook"]
        self._ledger.append({"kind": "webhook", "event": event} for event, _ in told)
        for event, mode in told:
            self._outstanding[event["id"]] = event
            if mode == "webhook_first" and await self._is_heard(event):
                self._finish(event, "delivered")
            else:
                self._start(event, times=2 if mode == "webhook_twice" else 1)

    def stats(self) -> dict[str, int]:
        return {
            "delivered": self.delivered,
            "given_up": self.given_up,
            "outstanding": len(self._outstanding),
        }

    def _named(self, event: Event) -> Event:
        """Ids count what was ever said, so that the same run says the same ids."""
        self._said += 1
        seed = f"{self._said}|{event['type']}|{event['data']['reference']}"
        return {"id": f"gwe_{hashlib.sha256(seed.encode()).hexdigest()[:24]}", **event}

    def _start(self, event: Event, times: int = 1) -> None:
        task = asyncio.create_task(self._deliver(event, times))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: Event, times: int) -> None:
        for pause in (*PAUSES, None):
            async with self._turn:
                heard = await self._is_heard(event)
            if heard:
                for _ in range(times - 1):
                    await self._is_heard(event)
                return self._finish(event, "delivered")
            if pause is not None:
                await asyncio.sleep(pause)
        return self._finish(event, "given_up")

    async def _is_heard(self, event: Event) -> bool:
        if self.url is None:
            return False
        body = json.dumps(event, separators=(",", ":")).encode()
        timestamp = str(time.time_ns() // 10**9)
        headers = {
            "content-type": "application/json",
            "webhook-id": event["id"],
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self.secret, event["id"], timestamp, body),
        }
        try:
            answer = await self._client.post(self.url, content=body, headers=headers)
        except httpx2.HTTPError:
            return False
        return answer.is_success

    def _finish(self, event: Event, outcome: str) -> None:
        del self._outstanding[event["id"]]
        self.delivered += outcome == "delivered"
        self.given_up += outcome == "given_up"
        self._ledger.append([{"kind": "webhook_done", "id": event["id"], "outcome": outcome}])
