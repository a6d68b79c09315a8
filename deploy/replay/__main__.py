"""`make replay-telco DATA=…`: start everything, replay the file, compare, and say what it took."""

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

import httpx2

from deploy.demo.api import Api
from deploy.demo.clock import ClockFailed
from deploy.kafka.broker import KafkaUnavailable
from deploy.platform import SERVICES
from deploy.processes import NotReady
from deploy.replay.comparison import differences, differing_totals
from deploy.replay.cost import machine, processor_seconds
from deploy.replay.customers import Customer, FileUnusable, read_customers
from deploy.replay.diary import Diary
from deploy.replay.expectation import expected, totals
from deploy.replay.figures import read_figures
from deploy.replay.machinery import MockRefused, Running, everything
from deploy.replay.provider import Provider
from deploy.replay.report import seconds, table, verdict
from deploy.replay.story import Story


def say(text: str) -> None:
    print(text, flush=True)


def replay(customers: list[Customer], diary: Diary, running: Running) -> bool:
    """True where the platform knows each customer as the file does."""
    days = diary.of(customers)
    platform, begun = running.platform, time.monotonic()
    admin = Api({name: platform.url(name) for name in SERVICES}, platform.known.admin_token)
    provider = Provider.founded(admin, platform.bootstrap, days[0].at)
    story = Story(provider, say)
    story.play(days)
    say(f"All time is over after {time.monotonic() - begun:.1f} s; reading every figure …")
    since = time.monotonic()
    read = read_figures(provider.api)
    story.spent.on("reading every figure", since)
    took = time.monotonic() - begun
    wanted = expected(customers)
    found = [
        *differences(wanted, read.known),
        *differing_totals(totals(wanted), read.totals),
    ]
    lines = [
        "",
        *table(totals(wanted), read.totals),
        "",
        *verdict(found),
        "",
        *seconds(f"{took:.1f} s in all, after everything was up:", story.spent.by),
        *seconds("Processor seconds by program:", processor_seconds(running.pids)),
        f"Stops of the clock: {provider.clock['step']}. Machine: {machine()}.",
    ]
    say("\n".join(lines))
    return not found


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.replay", description=__doc__)
    parser.add_argument("data", type=Path, help="the telco-customer-churn sample as a CSV file")
    parser.add_argument("--customers", type=int, help="only so many, spread over the file")
    parser.add_argument("--every", type=int, default=3, help="days between two days of start")
    parser.add_argument("--longest", type=int, default=72, help="only those of so many months")
    asked = parser.parse_args()
    # Told to end, by whomever and in whatever way, it ends what it has started.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        diary = Diary(every=asked.every)
        customers = read_customers(asked.data, most=asked.customers, longest=asked.longest)
        say(f"{len(customers)} customers; starting Kafka, PostgreSQL, four services …")
        with (
            tempfile.TemporaryDirectory(prefix="perennial-replay-") as kept,
            everything(Path(kept)) as running,
        ):
            agrees = replay(customers, diary, running)
    except (FileUnusable, KafkaUnavailable, MockRefused, NotReady, ClockFailed) as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("ended before its end; nothing of it is left")
    except httpx2.HTTPError as error:
        sys.exit(f"a service does not answer: {error!r}")
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
