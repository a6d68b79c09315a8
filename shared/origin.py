"""Where a change comes from: who acts, what caused it, and the story that it belongs to."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Origin:
    """Goes with every command and every event that it causes.

    `actor` is `operator:…`, `customer:…`, `key:…`, `upstream:…`, `timer:…` or `service:…`;
    `causation_id` is the event, request or timer; `correlation_id` the first of the chain.
    """

    actor: str
    causation_id: str
    correlation_id: str
    traceparent: str | None = None

    @classmethod
    def first(cls, actor: str, causation_id: str, traceparent: str | None = None) -> "Origin":
        """The beginning of a story: nothing came before."""
        return cls(actor, causation_id, causation_id, traceparent)

    def acting(self, actor: str) -> "Origin":
        return replace(self, actor=actor)
