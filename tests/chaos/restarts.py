"""Notes whom the supervisor has started again: a process may end itself long after what made it."""

from threading import Event

from deploy.processes import Processes
from shared.clock import system_now
from tests.chaos.faults import MARGIN
from tests.chaos.journal import Journal

LOOK_SECONDS = 0.2


class Restarts:
    """A notifier that ends may have sent a mail and not noted it, as in a fault."""

    def __init__(self, processes: Processes, journal: Journal) -> None:
        self._processes = processes
        self._journal = journal

    def run(self, over: Event) -> None:
        known: dict[str, int] = {}
        while not over.wait(LOOK_SECONDS):
            now = dict(self._processes.restarts)
            for name in now.keys() - {each for each, n in known.items() if n == now[each]}:
                at = system_now()
                cuts_mail = name == "notifier"
                self._journal.write(
                    "restart", service=name, since=at - MARGIN, until=at, cuts_mail=cuts_mail
                )
            known = now
