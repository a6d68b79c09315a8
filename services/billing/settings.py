"""What this service is told from outside."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.billing.use_cases.queues import Patience
from shared.settings import ServiceSettings

LOOK_AFTER_SECONDS = (10, 60, 300, 900, 3600, 21600, 86400)


class Settings(ServiceSettings):
    """`default_gateway` names the gateway that is meant where a checkout names none.

    Without a webhook secret no webhook is believed. The `*_seconds` are the system's.
    """

    model_config = SettingsConfigDict(env_prefix="PERENNIAL_BILLING__", env_nested_delimiter="__")

    port: int = 8003
    ops_port: int = 9003
    default_gateway: str = "cards"
    gateway_url: str = "http://127.0.0.1:8101"
    gateway_connect_seconds: Annotated[float, Field(gt=0)] = 1
    gateway_read_seconds: Annotated[float, Field(gt=0)] = 8
    webhook_secret: SecretStr | None = None
    lease_seconds: Annotated[float, Field(gt=0)] = 60
    gateway_visible_after_seconds: Annotated[float, Field(ge=0)] = 10
    look_after_seconds: Annotated[Sequence[float], Field(min_length=1)] = LOOK_AFTER_SECONDS

    @property
    def patience(self) -> Patience:
        return Patience(
            lease=timedelta(seconds=self.lease_seconds),
            visible_after=timedelta(seconds=self.gateway_visible_after_seconds),
            look_after=tuple(timedelta(seconds=each) for each in self.look_after_seconds),
            most_looks=len(self.look_after_seconds) + 7,
        )
