"""`make up`: the whole platform on this machine, and its first two months in front of your eyes."""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, replace

import httpx2

from deploy.broker import EmbeddedBroker
from deploy.demo.api import Api, Partner, furnish, make_partner
from deploy.demo.cast import Plan, cast, source_of
from deploy.demo.clock import ClockFailed, arrived
from deploy.demo.outcome import Figure, expected, figures, mails_of, table
from deploy.demo.shop import Shop
from deploy.demo.story import BEGINNING, END, Story
from deploy.demo.timeline import Timeline
from deploy.installation import FILE, HOME, Installation
from deploy.memory import publish_unread_again
from deploy.platform import SERVICES, Platform, Ports, Secrets
from deploy.postgres import EmbeddedPostgres
from deploy.processes import NotReady

BEFORE = HOME / "demonstration.json"
RETURNING = 5


def say(text: str) -> None:
    print(text, flush=True)


class Up:
    """One run: everything that was there before is there again."""

    def __init__(self, *, once: bool) -> None:
        self._once = once
        self._begun = time.monotonic()
        self._stop = asyncio.Event()

    async def run(self) -> int:
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, self._stop.set)
        say("Starting PostgreSQL and the embedded broker …")
        postgres = EmbeddedPostgres(HOME / "postgres")
        broker = EmbeddedBroker()
        postgres.start()
        platform = Platform(
            HOME, postgres.url, broker.bootstrap, _ports(), _secrets(), embedded=True
        )
        try:
            return await self._with(platform)
        finally:
            say("Stopping …")
            await asyncio.to_thread(platform.stop)
            broker.stop()
            postgres.stop()
            say("Stopped. `make up` finds everything as it was.")

    async def _with(self, platform: Platform) -> int:
        say("Bringing four databases to the newest schema …")
        await platform.prepare()
        say("Starting the stand-ins (gateway, panel, mailbox) and four services …")
        await asyncio.to_thread(platform.start)
        say(f"All services are ready after {self._elapsed():.1f} s.")
        again = await publish_unread_again(platform.databases, _topics_read(platform))
        if again:
            say(f"{again} events had not been read when the last run ended; they are sent again.")
        playing = asyncio.create_task(self._show(platform))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            return 1 if self._once else 0
        agreed = playing.result()
        if self._once:
            return 0 if agreed else 1
        _where_to_look(platform)
        await stopping
        return 0

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun

    async def _show(self, platform: Platform) -> bool:
        urls = {name: platform.url(name) for name in SERVICES}
        admin = Api(urls, platform.known.admin_token)
        kept = json.loads(BEFORE.read_text()) if BEFORE.exists() else None
        if kept is None:
            partner = await asyncio.to_thread(make_partner, admin, BEGINNING)
            _write_down(platform, partner)
            return await self._first_time(platform, admin.acting_for(partner), partner)
        partner = Partner(**kept["partner"])
        _write_down(platform, partner)
        return await self._once_more(platform, admin.acting_for(partner), partner, kept)

    async def _first_time(self, platform: Platform, api: Api, partner: Partner) -> bool:
        await _until_known(api)
        run = _run_of(partner)
        await asyncio.to_thread(furnish, api, source_of(run))
        plan, dead_before = cast(run), _dead(platform)
        _plant(platform, plan)
        timeline = Timeline(platform.bootstrap, partner.id, say)
        await timeline.start()
        story = self._story(platform, api, partner, plan, timeline)
        say("")
        watching = asyncio.create_task(self._tell_first(timeline))
        try:
            await story.play()
        except ClockFailed as error:
            say(f"Not everything came to rest: {error}")
            return False
        finally:
            watching.cancel()
            await timeline.stop()
        dead = _dead(platform) - dead_before
        found = figures(expected(plan), timeline.counts, _mails(platform, partner), dead)
        _summary(found, self._elapsed())
        _keep({"partner": asdict(partner), "runs": 1})
        return all(each.agrees for each in found)

    async def _once_more(
        self, platform: Platform, api: Api, partner: Partner, kept: dict[str, "object"]
    ) -> bool:
        """Everything is as it was; a few more customers come, to see that it goes on."""
        await _until_known(api)
        run = int(str(kept["runs"])) + 1
        coming = cast(f"{_run_of(partner)}-{run}").parts[:RETURNING]
        fresh = [replace(each, source=source_of(_run_of(partner))) for each in coming]
        timeline = Timeline(platform.bootstrap, partner.id, say)
        await timeline.start()
        story = replace(self._story(platform, api, partner, Plan(fresh), timeline), now=END)
        watching = asyncio.create_task(self._tell_first(timeline))
        try:
            # What a run that was killed left under way belongs to what is found.
            await asyncio.to_thread(arrived, api, partner.clock_id)
            await story.move_to(END)
            before = sum(1 for _ in api.every("subscriptions", "/v1/subscriptions"))
            active = timeline.counts["subscription.activated"]
            # Should this run be killed, the next one is to sell something new.
            _keep({**kept, "runs": run, "subscriptions": None})
            say(f"Found {before} subscriptions as they were. {RETURNING} more customers buy:\n")
            await story.sell(fresh)
        except ClockFailed as error:
            say(f"Not everything came to rest: {error}")
            return False
        finally:
            watching.cancel()
            await timeline.stop()
        after = sum(1 for _ in api.every("subscriptions", "/v1/subscriptions"))
        found = [
            Figure("subscriptions before", int(str(kept.get("subscriptions") or before)), before),
            Figure("activated", RETURNING, timeline.counts["subscription.activated"] - active),
            Figure("subscriptions now", before + RETURNING, after),
        ]
        _summary(found, self._elapsed())
        _keep({**kept, "runs": run, "subscriptions": after})
        return all(each.agrees for each in found)

    def _story(
        self, platform: Platform, api: Api, partner: Partner, plan: Plan, timeline: Timeline
    ) -> Story:
        return Story(
            api,
            partner,
            plan,
            Shop(platform.bootstrap, f"http://127.0.0.1:{platform.ports.gateway}"),
            timeline,
            say,
        )

    async def _tell_first(self, timeline: Timeline) -> None:
        await timeline.first_activation.wait()
        say(
            f"{'':17} -- the first subscription is active, {self._elapsed():.1f} s after the start --"
        )


def _keep(kept: dict[str, "object"]) -> None:
    """Whole or not at all, should this process be killed meanwhile."""
    fresh = BEFORE.with_suffix(".new")
    fresh.write_text(json.dumps(kept))
    fresh.replace(BEFORE)


def _run_of(partner: Partner) -> str:
    """Ids of two partners' checkouts must differ, also where an earlier run was broken off."""
    return partner.id[-6:]


def _ports() -> Ports:
    """A second platform on one machine listens elsewhere: PERENNIAL_PORT_SHIFT=100."""
    return Ports.usual(int(os.environ.get("PERENNIAL_PORT_SHIFT", "0")))


def _secrets() -> Secrets:
    kept = HOME / "secrets.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    # An older version knew fewer of them; it keeps those.
    complete = asdict(Secrets.made()) | known
    HOME.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(complete))
    return Secrets(**complete)


def _write_down(platform: Platform, partner: Partner) -> None:
    Installation(
        bootstrap=platform.bootstrap,
        databases=platform.databases,
        api={name: platform.url(name) for name in SERVICES},
        ops={name: platform.ops_url(name) for name in SERVICES},
        mailbox=f"http://127.0.0.1:{platform.ports.mailbox}",
        partner_id=partner.id,
        api_key=partner.api_key,
        clock_id=partner.clock_id,
        source=source_of(_run_of(partner)),
    ).write()


async def _until_known(api: Api) -> None:
    """A new API key reaches the other services as an event, like everything else."""
    for service, path in (
        ("customers", "/v1/customers"),
        ("subscriptions", "/v1/offers"),
        ("billing", "/v1/invoices"),
    ):
        for _ in range(200):
            try:
                await asyncio.to_thread(api.get, service, path)
                break
            except httpx2.HTTPError:
                await asyncio.sleep(0.05)


def _topics_read(platform: Platform) -> dict[str, set[str]]:
    return {
        name: set(httpx2.get(f"{platform.ops_url(name)}/status", timeout=10).json()["reads"])
        for name in SERVICES
    }


def _dead(platform: Platform) -> int:
    """Dead letters at all four services."""
    return sum(
        httpx2.get(f"{platform.ops_url(name)}/status", timeout=10).json()["dead"]
        for name in SERVICES
    )


def _mails(platform: Platform, partner: Partner) -> Counter[str]:
    return mails_of(f"http://127.0.0.1:{platform.ports.mailbox}", partner.id)


def _plant(platform: Platform, plan: Plan) -> None:
    """For the test of this command: one card declines that nobody expects to decline."""
    if os.environ.get("PERENNIAL_DEMO_PLANT") != "decline":
        return
    victim = next(each for each in plan.parts if each.role == "method")
    rule = {"match": {"method_ref": victim.body["payment"]["method_ref"]}, "do": "hard_decline"}
    url = f"http://127.0.0.1:{platform.ports.gateway}/control/rules"
    httpx2.post(url, json=[rule], timeout=10).raise_for_status()


def _summary(found: list[Figure], seconds: float) -> None:
    say(f"\n{table(found)}\n")
    verdict = "All counts agree" if all(each.agrees for each in found) else "Some counts DIFFER"
    say(f"{verdict}; {seconds:.0f} s since the start.")


def _where_to_look(platform: Platform) -> None:
    say("\nIt stays up until Ctrl-C. Where to look next:")
    for name in SERVICES:
        say(
            f"  {name:<14} {platform.url(name)}/openapi.json   ops: {platform.ops_url(name)}/status"
        )
    say(f"  mailbox        http://127.0.0.1:{platform.ports.mailbox}/")
    say(f"  broker         {platform.bootstrap} (topics: docs/architecture.md)")
    say(f"  your API key   in {FILE}")
    say("  a checkout of your own:  .venv/bin/perennial publish docs/examples/checkout.json")
    say("  what could not be read:  .venv/bin/perennial dlq list --service customers")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.up", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the summary; 0 if it agrees")
    asked = parser.parse_args()
    try:
        sys.exit(asyncio.run(Up(once=asked.once).run()))
    except NotReady as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
