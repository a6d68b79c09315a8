"""`perennial clock`: the test clock of the sandbox on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2
import typer

from deploy.demo import clock
from deploy.demo.api import Api, Refused
from deploy.installation import installed


def advance_here(to: str, clock_id: str) -> None:
    """Ends with an error when the clock fails; the message says what to repair."""
    instant = _instant(to)
    with _here() as (api, own):
        before = clock.show(api, clock_id or own)
        found = clock.advance(api, clock_id or own, instant, _tell)
    typer.echo(f"ready at {found['now']} after {found['step'] - before['step']} stops")


def show_here(clock_id: str) -> None:
    with _here() as (api, own):
        found = clock.show(api, clock_id or own)
    typer.echo(f"clock      {found['id']}, {found['status']} (stop {found['step']})")
    typer.echo(f"now        {found['now']}")
    typer.echo(f"target     {found['target']}")
    if found["failure"]:
        typer.echo(f"waits for  {found['failure']['service']}")
        for item in found["failure"]["items"]:
            typer.echo(f"           {item}")


@contextmanager
def _here() -> Iterator[tuple[Api, str]]:
    """The sandbox that `make up` made, and its own clock; what goes wrong is told in a line."""
    here = installed()
    api = Api(here.api, here.api_key)
    try:
        yield api, here.clock_id
    except Refused as error:
        raise SystemExit(error.in_short) from None
    except httpx2.HTTPStatusError as error:
        raise SystemExit(Refused("GET", error.response).in_short) from None
    except httpx2.HTTPError as error:
        raise SystemExit(f"{here.api['customers']} does not answer: {error}") from None
    except clock.ClockFailed as error:
        raise SystemExit(f"stopped: {error} (repair it, then advance again)") from None
    finally:
        api.close()


def _tell(found: dict[str, Any]) -> None:
    typer.echo(f"{found['now']}  stop {found['step']}")


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise SystemExit(f"{text} is no time; write 2027-04-01T00:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
