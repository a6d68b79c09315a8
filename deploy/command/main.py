"""The commands of `perennial`, each a thin call."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.command import clock, letters, publishing
from deploy.installation import NotInstalled, database_url
from deploy.platform import SERVICES
from shared.errors import DomainError
from shared.migrations import upgrade

app = typer.Typer(no_args_is_help=True, help="Perennial: customer subscription management.")
dlq = typer.Typer(no_args_is_help=True, help="Records that could not be handled.")
clocks = typer.Typer(no_args_is_help=True, help="The sandbox's test clock.")
app.add_typer(dlq, name="dlq")
app.add_typer(clocks, name="clock")
Service = Annotated[str, typer.Option("--service", "-s", help=f"one of {', '.join(SERVICES)}")]
Number = Annotated[int, typer.Argument(help="the letter's number, as `dlq list` shows it")]
Clock = Annotated[str, typer.Option("--clock", help="clk_…; the sandbox's own if absent")]
By = Annotated[str, typer.Option(help="who decides; it is kept")]


@dlq.command("list")
def list_letters(service: Service, *, everything: bool = False, limit: int = 100) -> None:
    """Which records wait, and why."""
    asyncio.run(letters.list_letters(database_url(service), everything=everything, limit=limit))


@dlq.command("show")
def show_letter(n: Number, service: Service) -> None:
    """One record with all its bytes."""
    asyncio.run(letters.show(database_url(service), n))


@dlq.command("replay")
def replay_letter(
    n: Number,
    service: Service,
    by: By,
    body: Annotated[Path | None, typer.Option(help="a file with the corrected body")] = None,
) -> None:
    """Put a record before the service again."""
    corrected = body.read_bytes() if body else None
    asyncio.run(letters.replay(database_url(service), n, by, corrected))


@dlq.command("discard")
def discard_letter(
    n: Number, service: Service, by: By, reason: Annotated[str, typer.Option()]
) -> None:
    """Let a record go for good; what waits behind it goes on."""
    asyncio.run(letters.discard(database_url(service), n, by, reason))


@clocks.command("advance")
def advance_clock(
    to: Annotated[str, typer.Option(help="2027-04-01T00:00:00Z; at the present, finish what runs")],
    clock_id: Clock = "",
) -> None:
    """Let time pass, with all that happens in it."""
    clock.advance_here(to, clock_id)


@clocks.command("show")
def show_clock(clock_id: Clock = "") -> None:
    """Where the clock stands, and what it waits for."""
    clock.show_here(clock_id)


@app.command("migrate")
def migrate(service: Service) -> None:
    """Bring a service's database to the newest schema."""
    asyncio.run(upgrade(database_url(service), service))
    typer.echo(f"{service}: the schema is the newest")


@app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(help="one JSON body a file, or - for standard input")],
    topic: Annotated[str, typer.Option()] = "checkout.completed",
    event_id: Annotated[str, typer.Option("--id", help="ce_id; a new one if absent")] = "",
) -> None:
    """Publish a checkout to the platform that `make up` started."""
    body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    asyncio.run(publishing.publish_here(topic, body, event_id))


def main() -> None:
    try:
        app()
    except (NotInstalled, DomainError, OSError) as error:
        way_out = getattr(error, "way_out", None)
        raise SystemExit(f"{error}" + (f" ({way_out})" if way_out else "")) from None
