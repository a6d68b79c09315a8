"""What this service is told from outside."""

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.customers.domain.sandbox_clock import FOLLOWERS
from shared.closed_secrets import ClosingKey
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`admin_token` opens partners; without it nobody can. `default_gateway` is the one that is
    meant where a checkout's payment names none. `clock_followers` are the services that run here
    and follow test clocks, in the order of their turns. `key_secret` (32 bytes, base64) closes the
    signing keys of sources and of tokens in the database.
    """

    model_config = SettingsConfigDict(
        env_prefix="PERENNIAL_CUSTOMERS__", env_nested_delimiter="__", hide_input_in_errors=True
    )

    port: int = 8001
    ops_port: int = 9001
    admin_token: SecretStr | None = None
    default_gateway: str = "cards"
    key_secret: ClosingKey | None = None
    clock_followers: tuple[str, ...] = FOLLOWERS
