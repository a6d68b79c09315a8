"""What `make up` writes down, so that other commands find the platform that runs here."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

HOME = Path(os.environ.get("PERENNIAL_HOME") or Path(__file__).parents[1] / ".perennial")
FILE = HOME / "installation.json"


class NotInstalled(Exception):
    """There is nothing here yet; the message says what to run."""


@dataclass(frozen=True)
class Installation:
    """`databases` by service. Tokens and keys are of this machine's sandbox only."""

    bootstrap: str
    databases: dict[str, str]
    api: dict[str, str]
    ops: dict[str, str]
    mailbox: str
    partner_id: str = ""
    api_key: str = ""
    clock_id: str = ""
    source: str = ""

    def write(self) -> None:
        HOME.mkdir(parents=True, exist_ok=True)
        draft = FILE.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self), indent=2))
        draft.chmod(0o600)
        draft.replace(FILE)


def installed() -> Installation:
    """
    Raises:
        NotInstalled: `make up` has not run here.
    """
    try:
        return Installation(**json.loads(FILE.read_text()))
    except FileNotFoundError:
        raise NotInstalled("nothing runs here yet: `make up` first") from None


def database_url(service: str) -> str:
    """From the service's own environment variable, else of the platform that `make up` started."""
    told = os.environ.get(f"PERENNIAL_{service.upper()}__DATABASE_URL")
    if told:
        return told
    databases = installed().databases
    if service not in databases:
        raise NotInstalled(f"no service {service}; there are {', '.join(sorted(databases))}")
    return databases[service]
