"""Which bytes of a record an upstream signs."""

import json

from shared.record import Record


def signed_bytes(record: Record) -> bytes:
    """Binary mode: the value as it was sent. Structured mode: `data` alone, in its canonical form
    (names sorted, no spaces, UTF-8), since the value has the signature in it.
    """
    value = record.value or b""
    headers = dict(record.headers)
    media = (headers.get("content-type") or b"").decode(errors="replace")
    structured = media.startswith("application/cloudevents+json")
    if not structured and "ce_id" in headers:
        return value
    body = json.loads(value)
    if not isinstance(body, dict) or "specversion" not in body:
        return value
    canonical = json.dumps(
        body.get("data"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return canonical.encode()
