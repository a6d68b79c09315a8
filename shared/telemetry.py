"""Structured logs and the metrics that every service has."""

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram
from typing_extensions import override

CONSUMED = Counter(
    "perennial_records_total", "Records taken from Kafka, by outcome", ["topic", "outcome"]
)
PUBLISHED = Counter("perennial_published_total", "Events brought to Kafka", ["topic"])
OUTBOX_PENDING = Gauge("perennial_outbox_pending", "Events that wait for the relay")
OUTBOX_AGE = Gauge("perennial_outbox_oldest_age_seconds", "Age of the oldest waiting event")
PARKED = Gauge("perennial_parked", "Records that are parked or blocked")
DEAD = Gauge("perennial_dead_letters", "Dead letters that nobody has decided on")
HELD = Gauge("perennial_held_oldest_age_seconds", "Age of the oldest event that waits for another")
EFFECTS_STUCK = Gauge("perennial_effects_stuck", "Calls to the outside that fail again and again")
TIMERS_OVERDUE = Gauge("perennial_timers_overdue", "Due timers that have not fired")
FIRED = Counter("perennial_timers_fired_total", "Timers fired", ["kind", "outcome"])
LAG = Gauge("perennial_consumer_lag", "Records not yet handled", ["topic"])
POLL_SECONDS = Histogram("perennial_poll_seconds", "How long a poll took to handle")


def set_up_logging(service: str, level: str = "INFO") -> None:
    """One line of JSON an entry, our own and the libraries' alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(service=service)
    for name in ("aiokafka", "faststream", "uvicorn.access", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("aiokafka").addFilter(OncePerSecond())
    for name in (
        "aiokafka.conn",
        "aiokafka.client",
        "aiokafka.cluster",
        "aiokafka.consumer.fetcher",
    ):
        logging.getLogger(name).addFilter(OncePerSecond())


class OncePerSecond(logging.Filter):
    """A broker that is away makes its client say the same a hundred times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        last = self._last.get(record.msg, 0.0) if isinstance(record.msg, str) else 0.0
        if record.created - last < 1:
            return False
        if isinstance(record.msg, str):
            self._last[record.msg] = record.created
        return True
