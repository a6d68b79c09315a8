"""Scripted misbehaviour: which calls a rule is for, how often, and what it makes of them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from deploy.standins.refusal import invalid

# One call may have several values of a fact: a mail has several recipients.
Facts: TypeAlias = Mapping[str, tuple[str, ...]]

CHANCES = frozenset({"every_nth", "probability", "seed"})


class RuleOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    match: dict[str, str | int | float] = {}
    do: str
    times: Annotated[int, Field(ge=1)] | None = None
    seconds: Annotated[float, Field(ge=0, le=3600)] | None = None
    code: str | None = None


@dataclass
class Rule:
    id: int
    order: RuleOrder
    dice: random.Random
    agreed: int = 0
    hits: int = 0

    def fires(self, facts: Facts) -> bool:
        """Counts the call when it agrees, so it is asked once a call and concern."""
        if self.hits == self.order.times or not self._agrees(facts):
            return False
        self.agreed += 1
        match = self.order.match
        if self.agreed % int(match.get("every_nth", 1)):
            return False
        if self.dice.random() >= float(match.get("probability", 1)):
            return False
        self.hits += 1
        return True

    def shown(self) -> dict[str, object]:
        return {"id": self.id, **self.order.model_dump(), "hits": self.hits}

    def _agrees(self, facts: Facts) -> bool:
        return all(
            any(_fits(name, str(wanted).lower(), value.lower()) for value in _values(facts, name))
            for name, wanted in self.order.match.items()
            if name not in CHANCES
        )


@dataclass
class Rules:
    """Of the rules that fire, the oldest decides for each concern.

    Attributes:
        concerns: what may be done, and what each concerns (the result, the answer, ...).
        facts: the names a rule may match on.
        asked_for: operations that only a rule that names the operation is for.
    """

    concerns: Mapping[str, str]
    facts: frozenset[str]
    asked_for: frozenset[str] = frozenset()
    _rules: list[Rule] = field(default_factory=list)
    _last_id: int = 0

    @property
    def empty(self) -> bool:
        return not self._rules

    def add(self, orders: list[RuleOrder]) -> None:
        for order in orders:
            self._check(order)
        for order in orders:
            self._last_id += 1
            dice = random.Random(order.match.get("seed", 0))  # noqa: S311  repeatable on purpose
            self._rules.append(Rule(self._last_id, order, dice))

    def clear(self) -> None:
        self._rules.clear()

    def shown(self) -> list[dict[str, object]]:
        return [rule.shown() for rule in self._rules]

    def pick(self, concern: str, facts: Facts) -> RuleOrder | None:
        hidden = not self.asked_for.isdisjoint(facts.get("operation", ()))
        for rule in self._rules:
            if self.concerns[rule.order.do] != concern:
                continue
            if hidden and "operation" not in rule.order.match:
                continue
            if rule.fires(facts):
                return rule.order
        return None

    def _check(self, order: RuleOrder) -> None:
        if order.do not in self.concerns:
            raise invalid(f"do: {order.do!r} is none of {sorted(self.concerns)}", "do")
        for name, wanted in order.match.items():
            if name not in CHANCES and name.removesuffix("_prefix") not in self.facts:
                known = sorted(self.facts | CHANCES)
                raise invalid(f"match: {name!r} is none of {known}, nor one with _prefix", "match")
            if name == "every_nth" and not (isinstance(wanted, int) and wanted >= 1):
                raise invalid("match: every_nth is a whole number from 1", "match")
            if name == "probability" and not (isinstance(wanted, int | float) and 0 <= wanted <= 1):
                raise invalid("match: probability lies between 0 and 1", "match")


def _values(facts: Facts, name: str) -> tuple[str, ...]:
    return facts.get(name.removesuffix("_prefix"), ())


def _fits(name: str, wanted: str, value: str) -> bool:
    return value.startswith(wanted) if name.endswith("_prefix") else fnmatchcase(value, wanted)
