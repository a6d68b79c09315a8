"""Who buys in the demonstration, from where, with which money, and how it will go."""

from dataclasses import dataclass, field, replace
from typing import Any

OFFER = "tv-basic"
TRIAL_OFFER = "tv-trial"
# Prices by currency in minor units: yen has none, the Kuwaiti dinar has three.
PRICES = {"EUR": 1299, "USD": 1499, "JPY": 1800, "KWD": 4250}
NAMES = (
    "Ada Okafor", "Béla Nagy", "Chiara Conti", "Dmitri Ivanov", "Elif Demir", "Farah Haddad",
    "Goro Tanaka", "Hana Novák", "Ívar Jónsson", "João Silva", "Katrin Weiß", "Lê Minh Anh",
    "María Gómez", "Noor Al-Sabah", "Oona Virtanen", "Paweł Wójcik", "Quentin Dubois",
    "Rania Aziz", "Søren Dahl", "Tomoko Sato",
)  # fmt: skip
# Thirty countries, each with a zone and the money that its people pay with.
PLACES = (
    ("DE", "Europe/Berlin", "EUR"), ("FR", "Europe/Paris", "EUR"), ("IT", "Europe/Rome", "EUR"),
    ("ES", "Europe/Madrid", "EUR"), ("PT", "Europe/Lisbon", "EUR"), ("NL", "Europe/Amsterdam", "EUR"),
    ("BE", "Europe/Brussels", "EUR"), ("AT", "Europe/Vienna", "EUR"), ("IE", "Europe/Dublin", "EUR"),
    ("FI", "Europe/Helsinki", "EUR"), ("GR", "Europe/Athens", "EUR"), ("EE", "Europe/Tallinn", "EUR"),
    ("HR", "Europe/Zagreb", "EUR"), ("US", "America/New_York", "USD"), ("CA", "America/Toronto", "USD"),
    ("MX", "America/Mexico_City", "USD"), ("BR", "America/Sao_Paulo", "USD"),
    ("CL", "America/Santiago", "USD"), ("CO", "America/Bogota", "USD"), ("AU", "Australia/Sydney", "USD"),
    ("NZ", "Pacific/Auckland", "USD"), ("IN", "Asia/Kolkata", "USD"), ("SG", "Asia/Singapore", "USD"),
    ("ZA", "Africa/Johannesburg", "USD"), ("EG", "Africa/Cairo", "USD"), ("JP", "Asia/Tokyo", "JPY"),
    ("KR", "Asia/Seoul", "JPY"), ("TW", "Asia/Taipei", "JPY"), ("KW", "Asia/Kuwait", "KWD"),
    ("IS", "Atlantic/Reykjavik", "EUR"),
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One published record. `captured` is what the shop has taken before it tells us."""

    event_id: str | None
    body: Any
    role: str
    month_end: bool = False
    captured: tuple[str, int, str, str] | None = None
    source: str = ""


@dataclass(frozen=True)
class Plan:
    """The parts, and what must come of them."""

    parts: list[Part] = field(default_factory=list)

    def of(self, *roles: str) -> int:
        return sum(part.role in roles for part in self.parts)


# How many of the 200 records play which part.
ROLES = (
    ("captured", 96), ("method", 48), ("month_end", 20), ("never_pays", 4), ("pays_at_last", 4),
    ("recovers", 3), ("cancels", 2), ("declined_at_once", 3),
)  # fmt: skip


def source_of(run: str) -> str:
    """The shop's name of itself; each run has a shop of its own."""
    return f"https://shop.example/{run}"


def cast(run: str) -> Plan:
    """Two hundred records; `run` makes ids of two demonstrations differ."""
    parts: list[Part] = []
    for role, count in ROLES:
        parts += [_buyer(run, len(parts) + n, role) for n in range(count)]
    parts += _hostile(run)
    parts += _duplicates(run, parts)
    shop = source_of(run)
    return Plan([replace(each, source=each.source or shop) for each in parts])


def _buyer(run: str, n: int, role: str) -> Part:
    country, zone, currency = PLACES[n % len(PLACES)]
    name, reference = NAMES[n % len(NAMES)], f"ch_{run}_{n}"
    method = _method(role, f"{run}_{n}")
    price = PRICES[currency]
    captured = role not in {"method", "declined_at_once"}
    payment: dict[str, Any] = (
        {
            "status": "captured",
            "gateway": "cards",
            "reference": reference,
            "amount_minor": price,
            "currency": currency,
            "method_ref": method,
        }
        if captured
        else {"status": "method", "gateway": "cards", "method_ref": method}
    )
    body = {
        "checkout_id": f"shop-{run}-{n:03}",
        "customer": {
            "reference": f"user-{run}-{n:03}",
            "name": name,
            "email": f"user{n:03}.{run}@mail.example.com",
            "address": {"country": country, "city": zone.rpartition("/")[2].replace("_", " ")},
            "timezone": zone,
        },
        "offer": OFFER,
        "currency": currency,
        "payment": payment,
    }
    taken = (reference, price, currency, method) if captured else None
    return Part(f"evt-{run}-{n:03}", body, role, role == "month_end", taken)


def _method(role: str, who: str) -> str:
    """The stand-in gateway reads what a card will do from its name."""
    match role:
        case "never_pays" | "pays_at_last":
            return f"pm_decline_{who}"
        case "recovers":
            return f"pm_fail_2_{who}"
        case "declined_at_once":
            return f"pm_hard_{who}"
        case _:
            return f"pm_ok_{who}"


def _hostile(run: str) -> list[Part]:
    """Ten kinds: five that nobody could read, five that can be read and are wrong."""
    sound = _buyer(run, 900, "method").body

    def wrong(n: int, **changes: Any) -> dict[str, Any]:
        fresh = _buyer(run, 900 + n, "method").body
        return {**fresh, **changes}

    unreadable = [
        Part(f"bad-{run}-0", b"{not json", "unreadable"),
        Part(None, wrong(1), "unreadable"),
        Part(f"bad-{run}-2", wrong(2), "unreadable", source="https://unknown.example/"),
        Part(f"bad-{run}-3", wrong(3, currency=978), "unreadable"),
        Part(f"bad-{run}-4", wrong(4, surprise=True), "unreadable"),
    ]
    nobody = {**sound["customer"], "reference": f"user-{run}-905", "email": "nobody at home"}
    nowhere = {**sound["customer"], "address": {"country": "XX"}, "reference": f"user-{run}-906"}
    return [
        *unreadable,
        Part(f"bad-{run}-5", wrong(5, customer=nobody), "refused"),
        Part(f"bad-{run}-6", wrong(6, customer=nowhere), "refused"),
        Part(f"bad-{run}-7", wrong(7, offer="tv-imaginary"), "refused"),
        Part(f"bad-{run}-8", wrong(8, items=[{"product": "tv", "quantity": 0}]), "refused"),
        Part(
            f"bad-{run}-9",
            wrong(9, items=[{"product": "tv", "quantity": 1, "unit_price_minor": 1}]),
            "refused",
        ),
    ]


def _duplicates(run: str, parts: list[Part]) -> list[Part]:
    """Ten that came before in one way or another; none may have a second effect."""
    same = [Part(p.event_id, p.body, "repeat", False) for p in parts[:4]]
    other = [
        Part(p.event_id, {**p.body, "metadata": {"changed": "yes"}}, "unreadable")
        for p in parts[4:6]
    ]
    renamed = [Part(f"again-{run}-{n}", p.body, "repeat") for n, p in enumerate(parts[6:8])]
    reused = []
    for n, p in enumerate(parts[8:10]):
        buyer = _buyer(run, 950 + n, "captured").body
        place = {"currency": p.body["currency"], "payment": p.body["payment"]}
        reused.append(Part(f"reuse-{run}-{n}", {**buyer, **place}, "refused"))
    return [*same, *other, *renamed, *reused]
