"""Writes docs/asyncapi.json: every topic, who publishes on it, and what its records look like.

`python -m shared.contracts.asyncapi`; AsyncAPI 3.0 with the Kafka bindings.
"""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.catalog import all_contracts, publisher_of
from shared.contracts.event import EventContract, Message
from shared.contracts.golden import as_text, schema_of
from shared.contracts.sample import sample_of

PAGE = Path(__file__).parents[2] / "docs" / "asyncapi.json"
ABOUT = """\
Every event type has a topic of its own, of the same name. A record is a CloudEvents 1.0 event in \
Kafka's binary form: the attributes are headers, the value is the body. A body holds the public \
state of one aggregate as of its version, and what happened to it. Unknown fields are to be ignored.\
"""
ATTRIBUTES = {
    "ce_specversion": ("always 1.0", True),
    "ce_id": ("names the event: a repeat bears the same one", True),
    "ce_source": ("who published it", True),
    "ce_type": ("the event type, which is the topic's name", True),
    "ce_time": ("when it happened, RFC 3339 with an offset, by the partner's clock", False),
    "ce_subject": ("the aggregate's id", False),
    "ce_dataschema": ("the type and the version of its body", False),
    "ce_partnerid": ("the tenant", False),
    "ce_causationid": ("the event, request or timer that caused it", False),
    "ce_correlationid": ("the first of the chain that it belongs to", False),
    "ce_actor": ("who acted", False),
    "ce_sequence": ("the aggregate's version, counted from 1 without a gap", False),
    "content-type": ("application/json", True),
    "traceparent": ("W3C trace context", False),
}
FROM_OUTSIDE = {
    **{name: ATTRIBUTES[name] for name in ("ce_specversion", "ce_id", "ce_source", "ce_type")},
    "ce_time": ATTRIBUTES["ce_time"],
    "ce_signature": ("HMAC-SHA256 of the value in hex, where the source has a key", False),
    "content-type": ATTRIBUTES["content-type"],
}


def document() -> dict[str, Any]:
    contracts = all_contracts()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Perennial",
            "version": "1.0.0",
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(each) for name, each in contracts.items()},
        "operations": {_operation_name(each): _operation(each) for each in contracts.values()},
        "components": {
            "messages": {name: _message(each) for name, each in contracts.items()},
            "messageTraits": {
                "ours": {"headers": _headers(ATTRIBUTES)},
                "fromOutside": {"headers": _headers(FROM_OUTSIDE)},
            },
            "schemas": _schemas(list(contracts.values())),
        },
    }


def _channel(contract: type[Message]) -> dict[str, Any]:
    return {
        "address": contract.type,
        "messages": {contract.type: {"$ref": f"#/components/messages/{contract.type}"}},
        "bindings": {"kafka": {"topic": contract.type}},
    }


def _operation_name(contract: type[Message]) -> str:
    return f"{publisher_of(contract)}.{contract.type}"


def _operation(contract: type[Message]) -> dict[str, Any]:
    """Seen from the platform: what comes from outside is received, all else is sent."""
    channel = f"#/channels/{contract.type}"
    return {
        "action": "send" if issubclass(contract, EventContract) else "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{contract.type}"}],
        "tags": [{"name": publisher_of(contract)}],
    }


def _message(contract: type[Message]) -> dict[str, Any]:
    ours = issubclass(contract, EventContract)
    key = schema_of(contract).get("x-key", "any; records of one key stay in order")
    return {
        "name": contract.type,
        "title": contract.__name__,
        "summary": (contract.__doc__ or "").strip().split("\n\n")[0],
        "contentType": "application/json",
        "traits": [{"$ref": f"#/components/messageTraits/{'ours' if ours else 'fromOutside'}"}],
        "payload": {"$ref": f"#/components/schemas/{contract.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}}},
        "examples": [{"payload": json.loads(sample_of(contract).model_dump_json())}],
    }


def _headers(attributes: dict[str, tuple[str, bool]]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name, (_, needed) in attributes.items() if needed],
        "properties": {
            name: {"type": "string", "description": about}
            for name, (about, _) in attributes.items()
        },
    }


def _schemas(contracts: list[type[Message]]) -> dict[str, Any]:
    _, page = models_json_schema(
        [(each, "validation") for each in contracts], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = page["$defs"]
    return dict(sorted(schemas.items()))


def main() -> None:
    PAGE.write_text(as_text(document()))


if __name__ == "__main__":
    main()
