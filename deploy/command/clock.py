"""`perennial clock`: the test clock of the sandbox on a terminal."""

from datetime import UTC, datetime
from typing import Any

import typer

from deploy.demo import clock
from deploy.demo.api import Api
from deploy.installation import installed


def advance_here(to: str, clock_id: str) -> None:
    """Ends with an error when the clock fails; the message says what to repair."""
    instant = _instant(to)
    api, clock_id = _here(clock_id)
    try:
        before = clock.show(api, clock_id)
        found = clock.advance(api, clock_id, instant, _tell)
    except (clock.ClockFailed, RuntimeError) as error:
        raise SystemExit(f"{error}") from None
    finally:
        api.close()
    typer.echo(f"ready at {found['now']} after {found['step'] - before['step']} stops")


def show_here(clock_id: str) -> None:
    api, clock_id = _here(clock_id)
    try:
        found = clock.show(api, clock_id)
    finally:
        api.close()
    typer.echo(f"clock      {found['id']}, {found['status']} (stop {found['step']})")
    typer.echo(f"now        {found['now']}")
    typer.echo(f"target     {found['target']}")
    if found["failure"]:
        typer.echo(f"waits for  {found['failure']['service']}")
        for item in found["failure"]["items"]:
            typer.echo(f"           {item}")


def _here(clock_id: str) -> tuple[Api, str]:
    here = installed()
    return Api(here.api, here.api_key), clock_id or here.clock_id


def _tell(found: dict[str, Any]) -> None:
    typer.echo(f"{found['now']}  stop {found['step']}")


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SystemExit(f"{text} is no time; write 2027-04-01T00:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
