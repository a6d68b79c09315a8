"""The form of every event: the public state of one aggregate as of a version, and what happened."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from typing_extensions import override

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Minor = Annotated[int, Field(ge=0, le=10**15)]


class Part(BaseModel):
    """A piece of a body. Unknown fields are ignored, so that an old reader survives a new field."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class State(Part):
    """The public state of an aggregate. `version` counts its events from 1 without a gap."""

    partner_id: str
    version: Annotated[int, Field(ge=1)]

    @property
    def key(self) -> str:
        """The Kafka key: what must stay in order shares it."""
        raise NotImplementedError(type(self).__name__)

    @property
    def subject(self) -> str:
        """The aggregate's own id; most often it is the key too."""
        return self.key


class Change(Part):
    """What happened, why, by whom and when (`at` is the partner's time, UTC)."""

    kind: str
    reason: str | None = None
    actor: str
    at: AwareDatetime


class Interval(Part):
    """How long a period lasts: `count` calendar units."""

    unit: Literal["day", "week", "month", "year"]
    count: Annotated[int, Field(ge=1)] = 1


class CheckoutPayment(Part):
    """How a checkout was paid; `captured` is believed only after the gateway's own answer.

    `reference` names the captured money at the gateway, `method_ref` the method to charge later.
    """

    status: Literal["captured", "method", "none"]
    gateway: Annotated[str, Field(max_length=64)] | None = None
    reference: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    amount_minor: Minor | None = None
    currency: Currency | None = None
    method_ref: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class Sealed(Part):
    """A secret that only the notifier can open (JWE compact, to the key `kid`), until `expires_at`."""

    kid: str
    jwe: str
    expires_at: AwareDatetime


class Message(Part):
    """Anything with a topic of its own; `type` is the topic's name."""

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in cls.__dict__:
            if cls.type in CONTRACTS:
                raise TypeError(f"{cls.type} has a contract already: {CONTRACTS[cls.type]}")
            CONTRACTS[cls.type] = cls


class EventContract(Message):
    """A fact that one of our services publishes. `state` names the field with the aggregate."""

    state: ClassVar[str]

    @property
    def aggregate(self) -> State:
        found: State = getattr(self, self.state)
        return found


CONTRACTS: dict[str, type[Message]] = {}
