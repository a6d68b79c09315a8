"""What every service is told from outside; read once, in `__main__`."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings


class ServiceSettings(BaseSettings):
    """A service adds its own fields and its prefix: `PERENNIAL_<SERVICE>__<NAME>`.

    `embedded` is for the broker of the first minute, which forgets what is not read in time:
    `readers` names the groups that the relay then waits for.
    """

    database_url: str
    kafka_bootstrap: str
    host: str = "127.0.0.1"
    port: int
    ops_port: int
    instance: str | None = None
    log_level: str = "INFO"
    embedded: bool = False
    readers: list[str] = Field(default_factory=list)
    stuck_after_seconds: Annotated[float, Field(gt=0)] = 30
    pool_size: Annotated[int, Field(gt=0)] = 10
