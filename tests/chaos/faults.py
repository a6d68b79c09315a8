"""Carries out the plan: breaks, holds, heals, and measures how soon everybody moves again."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from deploy.kafka.broker import KafkaUnavailable
from shared.clock import system_now
from tests.chaos.batch import in_a_batch
from tests.chaos.collect import connect
from tests.chaos.groups import Groups
from tests.chaos.journal import Journal
from tests.chaos.misbehaviour import begin, end, rules_of, url_of
from tests.chaos.plan import SERVICES, Fault
from tests.chaos.world import World

# So long before and after a fault a mail may have been on its way.
MARGIN = timedelta(seconds=15)
REWOUND = 500
CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = $1 and pid <> pg_backend_pid()"""


class Disturber:
    """Every fault has a line in the journal once it is over, with what it did."""

    def __init__(self, world: World, seed: int, journal: Journal) -> None:
        self._world = world
        self._seed = seed
        self._journal = journal
        self._groups = Groups(world.broker.bootstrap)
        # One that takes long puts the next one off, until everybody moves again.
        self._one_at_a_time = threading.Lock()
        self.failures: list[str] = []

    def run(self, faults: Sequence[Fault], seconds: float) -> None:
        """Returns when the time is over and every fault too; those of long ones overlap."""
        begun, threads = time.monotonic(), list[threading.Thread]()
        for fault in faults:
            time.sleep(max(begun + fault.at - time.monotonic(), 0))
            print(f"{time.monotonic() - begun:6.1f} s  {fault.what} {fault.target}", flush=True)
            thread = threading.Thread(target=self._carry_out, args=(fault,), daemon=True)
            thread.start()
            threads.append(thread)
        time.sleep(max(begun + seconds - time.monotonic(), 0))
        for each in threads:
            each.join()

    def _carry_out(self, fault: Fault) -> None:
        try:
            with self._turn(fault):
                self._do_and_tell(fault)
        except Exception as error:  # noqa: BLE001  a fault that failed must not pass for one
            print(f"         {fault.what} {fault.target} failed: {error!r}", flush=True)
            self.failures.append(f"{fault.what} {fault.target}: {error!r}")

    def _turn(self, fault: Fault) -> AbstractContextManager[object]:
        return self._one_at_a_time if _hit(fault) else nullcontext()

    def _do_and_tell(self, fault: Fault) -> None:
        since = system_now()
        facts = self._deed(fault)()
        until = system_now()
        hit = _hit(fault)
        recovered = self._groups.recovered(hit) if hit else {}
        self._journal.write(
            "fault",
            what=fault.what,
            target=fault.target,
            since=since - MARGIN,
            until=until + MARGIN,
            cuts_mail=fault.target in {"notifier", "postgres", "mailbox"},
            recovered=recovered,
            **facts,
        )

    def _deed(self, fault: Fault) -> Callable[[], dict[str, Any]]:
        deeds: dict[str, Callable[[Fault], dict[str, Any]]] = {
            "kill in a batch": self._kill,
            "frozen": self._freeze,
            "away and rewound": self._rewind,
            "postgres crashes": self._crash_postgres,
            "connections cut": self._cut_connections,
            "broker restarts": self._restart_broker,
            "broker killed": self._restart_broker,
        }
        deed = deeds.get(fault.what, self._misbehave)
        return lambda: deed(fault)

    def _kill(self, fault: Fault) -> dict[str, Any]:
        """With SIGKILL; whoever supervises starts it again, and nobody else does."""
        processes = self._world.platform.processes
        before = processes.pid(fault.target)

        def strike() -> None:
            processes.send(fault.target, signal.SIGKILL)

        caught = asyncio.run(in_a_batch(self._world, fault.target, strike))
        while processes.pid(fault.target) == before:
            time.sleep(0.1)
        processes.wait_ready(fault.target, 90)
        return {"in_a_batch": caught}

    def _freeze(self, fault: Fault) -> dict[str, Any]:
        processes = self._world.platform.processes
        processes.send(fault.target, signal.SIGSTOP)
        time.sleep(fault.lasts)
        processes.send(fault.target, signal.SIGCONT)
        return {}

    def _rewind(self, fault: Fault) -> dict[str, Any]:
        processes = self._world.platform.processes
        processes.stop(fault.target)
        try:
            time.sleep(fault.lasts)
            again = self._groups.rewind(fault.target, REWOUND)
        finally:
            processes.restart(fault.target)
        return {"read_again": again}

    def _crash_postgres(self, fault: Fault) -> dict[str, Any]:
        del fault
        self._world.postgres.kill()
        self._world.postgres.start()
        return {}

    def _cut_connections(self, fault: Fault) -> dict[str, Any]:
        del fault

        async def cut() -> int:
            cutting = 0
            for name in SERVICES:
                sql = await connect(self._world, name)
                cutting += await sql.fetchval(CUT, name)
                await sql.close()
            return cutting

        return {"connections": asyncio.run(cut())}

    def _restart_broker(self, fault: Fault) -> dict[str, Any]:
        broker = self._world.broker
        if fault.what == "broker killed":
            broker.kill()
        else:
            broker.stop()
        time.sleep(fault.lasts)
        try:
            broker.start()
        except KafkaUnavailable:
            # A busy machine takes its time; one that ended is told of here.
            broker.wait_ready(120)
        return {}

    def _misbehave(self, fault: Fault) -> dict[str, Any]:
        url = url_of(self._world, fault.target)
        begin(url, rules_of(fault.what, self._seed))
        time.sleep(fault.lasts)
        return {"hits": end(url)}


def _hit(fault: Fault) -> list[str]:
    """Whose consumers must find their way back."""
    if fault.target in SERVICES:
        return [fault.target]
    return list(SERVICES) if fault.target in {"postgres", "broker"} else []
