"""What the notifier is told from outside; prefix `PERENNIAL_NOTIFIER__`."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

SECRET_BYTES = 32


class Settings(ServiceSettings):
    """Mail of sandbox partners has a server of its own, so that no test ever reaches a person.

    `sealing_key_secret` (32 bytes, base64) closes the private sealing keys in the database.
    `mail_from` is the address in whose name every brand writes.
    """

    model_config = SettingsConfigDict(
        env_prefix="PERENNIAL_NOTIFIER__", env_nested_delimiter="__", hide_input_in_errors=True
    )

    smtp_host: str
    smtp_port: int
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_connections: Annotated[int, Field(ge=1, le=64)] = 8
    sandbox_smtp_host: str
    sandbox_smtp_port: int
    mail_from: Annotated[str, Field(pattern=r"^[!-?A-~]+@[!-?A-~]+$")] = (
        "no-reply@perennial.example"
    )
    sealing_key_secret: SecretStr | None = None

    @field_validator("sealing_key_secret")
    @classmethod
    def _is_a_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            _decoded(given)
        return given

    @property
    def sealing_secret(self) -> bytes | None:
        return _decoded(self.sealing_key_secret) if self.sealing_key_secret else None


def _decoded(given: SecretStr) -> bytes:
    try:
        secret = base64.b64decode(given.get_secret_value(), validate=True)
    except binascii.Error:
        raise ValueError("give 32 random bytes in base64") from None
    if len(secret) != SECRET_BYTES:
        raise ValueError("give exactly 32 random bytes, in base64")
    return secret
