"""What this service is told from outside."""

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.customers.domain.sandbox_clock import FOLLOWERS
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`admin_token` opens partners; without it nobody can. `default_gateway` is the one that is
    meant where a checkout's payment names none. `clock_followers` are the services that run here
    and follow test clocks, in the order of their turns.
    """

    model_config = SettingsConfigDict(env_prefix="PERENNIAL_CUSTOMERS__", env_nested_delimiter="__")

    port: int = 8001
    ops_port: int = 9001
    admin_token: SecretStr | None = None
    default_gateway: str = "cards"
    clock_followers: tuple[str, ...] = FOLLOWERS
