"""What was heard is not made better or worse than it was: what nobody knows is unknown."""

from collections.abc import Callable

import httpx2
import pytest

from tests.chaos import client
from tests.chaos.client import Client

Answer = Callable[[httpx2.Request], httpx2.Response]


def _lost(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadError("cut", request=request)


def _says(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx2.Response(status, json={}, headers=named)


UNDER_WAY = _says(409, retry_after="1")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([_says(200)], "accepted"),
        ([_lost, UNDER_WAY, _says(200)], "accepted"),
        ([_says(409)], "refused"),
        ([_says(401), _says(422)], "refused"),
        ([_says(401)], "refused"),
        ([_lost], "unknown"),
        ([_lost, UNDER_WAY], "unknown"),
        ([_lost, _says(409)], "unknown"),
        ([_says(500), _says(422)], "unknown"),
    ],
)
def test_an_order_is_refused_only_where_it_cannot_have_been_carried_out(
    answers: list[Answer], outcome: str
) -> None:
    """The last answer is repeated for as long as somebody asks."""
    coming = iter(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        return next(coming, answers[-1])(request)

    urls = {"subscriptions": "http://platform.test"}
    asking = Client(urls, "key", httpx2.MockTransport(answer))

    heard = asking.change("POST", "subscriptions", "/v1/x", key="k", patience=0.05)

    assert heard.outcome == outcome
    asking.close()
