"""What this service is told from outside."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`panel_url` is where accounts are opened; a call to it is given up after the timeout."""

    model_config = SettingsConfigDict(
        env_prefix="PERENNIAL_SUBSCRIPTIONS__", env_nested_delimiter="__"
    )

    port: int = 8002
    ops_port: int = 9002
    panel_url: str
    panel_timeout_seconds: Annotated[float, Field(gt=0)] = 10
    panel_calls_at_once: Annotated[int, Field(gt=0)] = 32
