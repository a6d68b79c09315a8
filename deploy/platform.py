"""The whole platform on one machine: four services and the stand-ins for what is outside of it."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.postgres import make_service_databases
from deploy.processes import Processes, Program
from shared.closed_secrets import SECRET_BYTES
from shared.migrations import upgrade

SERVICES = ("customers", "subscriptions", "billing", "notifier")


@dataclass(frozen=True)
class Ports:
    """Where everything listens; `api` and `ops` by service."""

    api: Mapping[str, int]
    ops: Mapping[str, int]
    gateway: int
    panel: int
    smtp: int
    mailbox: int

    @classmethod
    def usual(cls, shift: int = 0) -> "Ports":
        """The ones of the documentation; 8000 and 9000 are kept for the portal."""
        return cls(
            api={name: 8001 + shift + n for n, name in enumerate(SERVICES)},
            ops={name: 9001 + shift + n for n, name in enumerate(SERVICES)},
            gateway=8101 + shift,
            panel=8102 + shift,
            smtp=8103 + shift,
            mailbox=8104 + shift,
        )


@dataclass(frozen=True)
class Secrets:
    """What only this installation knows; made once and kept in its directory.

    The last two close the keys that customers and notifier store.
    """

    admin_token: str
    webhook_secret: str
    customers_key: str
    notifier_key: str

    @classmethod
    def made(cls) -> "Secrets":
        return cls(
            secrets.token_urlsafe(24), f"whsec_{secrets.token_hex(24)}", _closing(), _closing()
        )


def _closing() -> str:
    return base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Platform:
    """`start` brings databases to the newest schema, then starts everything; `stop` ends it all."""

    def __init__(
        self,
        directory: Path,
        postgres_url: str,
        bootstrap: str,
        ports: Ports,
        known: Secrets,
        *,
        embedded: bool,
        webhooks: bool = True,
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        """Without `webhooks` the gateway says what came of a call in its answer and nowhere else."""
        self.directory = directory
        self.ports = ports
        self.known = known
        self.bootstrap = bootstrap
        self.databases: dict[str, str] = {}
        self.processes = Processes(directory / "logs")
        self._postgres_url = postgres_url
        self._embedded = embedded
        self._webhooks = webhooks
        self._overrides = dict(overrides or {})

    async def prepare(self) -> None:
        self.databases = await make_service_databases(self._postgres_url, SERVICES)
        for name, url in self.databases.items():
            # One after the other: Alembic's context is one for the whole process.
            await upgrade(url, name)

    def start(self) -> None:
        self.processes.start([*self.stand_ins(), *self.services()])

    def stop(self) -> None:
        self.processes.stop_all()

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports.api[service]}"

    def ops_url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports.ops[service]}"

    def stand_ins(self) -> Sequence[Program]:
        ports, kept = self.ports, self.directory / "outside"
        kept.mkdir(parents=True, exist_ok=True)
        hook = ("--webhook-url", f"{self.url('billing')}/v1/webhooks/gateway")
        return (
            Program(
                "gateway",
                "deploy.standins.gateway",
                (
                    *("--port", str(ports.gateway), "--ledger", str(kept / "gateway.jsonl")),
                    *("--webhook-secret", self.known.webhook_secret),
                    *(hook if self._webhooks else ()),
                ),
                ready_url=f"http://127.0.0.1:{ports.gateway}/healthz",
            ),
            Program(
                "panel",
                "deploy.standins.panel",
                ("--port", str(ports.panel), "--ledger", str(kept / "panel.jsonl")),
                ready_url=f"http://127.0.0.1:{ports.panel}/healthz",
            ),
            Program(
                "mailbox",
                "deploy.standins.mailbox",
                (
                    *("--smtp-port", str(ports.smtp), "--http-port", str(ports.mailbox)),
                    *("--store", str(kept / "mailbox")),
                ),
                ready_url=f"http://127.0.0.1:{ports.mailbox}/healthz",
            ),
        )

    def services(self) -> Sequence[Program]:
        return tuple(
            Program(
                name,
                f"services.{name}",
                environment=self._environment(name),
                ready_url=f"{self.ops_url(name)}/readyz",
            )
            for name in SERVICES
        )

    def second_replicas(self) -> Sequence[Program]:
        """Of each service one more, which shares its work; they listen 50 ports further on.

        They are no static members of their group, so it shares out the work as soon as they leave.
        """
        found = []
        for name in SERVICES:
            api, ops = self.ports.api[name] + 50, self.ports.ops[name] + 50
            prefix = f"PERENNIAL_{name.upper()}__"
            told = self._environment(name) | {
                prefix + "PORT": str(api),
                prefix + "OPS_PORT": str(ops),
            }
            del told[prefix + "INSTANCE"]
            ready_url = f"http://127.0.0.1:{ops}/readyz"
            found.append(Program(f"{name}-2", f"services.{name}", (), told, ready_url))
        return tuple(found)

    def _environment(self, name: str) -> dict[str, str]:
        told = {
            "DATABASE_URL": self.databases[name],
            "KAFKA_BOOTSTRAP": self.bootstrap,
            "PORT": str(self.ports.api[name]),
            "OPS_PORT": str(self.ports.ops[name]),
            "INSTANCE": f"{name}-1",
            **self._own(name),
        }
        if self._embedded:
            told |= {"EMBEDDED": "true", "READERS": str(list(SERVICES)).replace("'", '"')}
        prefix = f"PERENNIAL_{name.upper()}__"
        return {**{prefix + key: value for key, value in told.items()}, **self._overrides}

    def _own(self, name: str) -> dict[str, str]:
        here = "127.0.0.1"
        match name:
            case "customers":
                return {
                    "ADMIN_TOKEN": self.known.admin_token,
                    "KEY_SECRET": self.known.customers_key,
                }
            case "subscriptions":
                return {"PANEL_URL": f"http://{here}:{self.ports.panel}"}
            case "billing":
                return {
                    "GATEWAY_URL": f"http://{here}:{self.ports.gateway}",
                    "WEBHOOK_SECRET": self.known.webhook_secret,
                }
            case _:
                smtp = {"SMTP_HOST": here, "SMTP_PORT": str(self.ports.smtp)}
                sandbox = {f"SANDBOX_{key}": value for key, value in smtp.items()}
                return {**smtp, **sandbox, "SEALING_KEY_SECRET": self.known.notifier_key}
