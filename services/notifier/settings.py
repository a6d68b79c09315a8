"""What the notifier is told from outside; prefix `PERENNIAL_NOTIFIER__`."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.closed_secrets import ClosingKey
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Mail of sandbox partners has a server of its own, so that no test ever reaches a person.

    `sealing_key_secret` (32 bytes, base64) closes the private sealing keys in the database.
    `mail_from` is the address in whose name every brand writes. `turns_a_second`: how often it
    looks for mails to write and to send at most; a mail is late by a fraction of a second, and
    many share a transaction.
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
    turns_a_second: Annotated[float, Field(gt=0)] = 10
    sealing_key_secret: ClosingKey | None = None
