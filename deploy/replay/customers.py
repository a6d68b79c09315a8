"""The customers of the file: what each holds, on which contract, for how long, at which charge."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Invalid
from shared.money import parse_decimal

CURRENCY = "USD"
CONTRACTS = {"Month-to-month": 1, "One year": 12, "Two year": 24}
# A column, and by its value the product that it stands for.
HOLDINGS = (
    ("PhoneService", {"Yes": "phone"}),
    ("MultipleLines", {"Yes": "lines"}),
    ("InternetService", {"DSL": "dsl", "Fiber optic": "fiber"}),
    ("OnlineSecurity", {"Yes": "security"}),
    ("OnlineBackup", {"Yes": "backup"}),
    ("DeviceProtection", {"Yes": "protection"}),
    ("TechSupport", {"Yes": "support"}),
    ("StreamingTV", {"Yes": "television"}),
    ("StreamingMovies", {"Yes": "movies"}),
)


class FileUnusable(Exception):
    """The file is missing or is not this kind of file; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Customer:
    """`tenure` is in months; `place` is the line of the file, from 0, by which the day is chosen."""

    place: int
    reference: str
    tenure: int
    products: tuple[str, ...]
    contract_months: int
    monthly_minor: int
    left: bool


def read_customers(path: Path, *, most: int | None = None, longest: int = 72) -> list[Customer]:
    """In the order of the file; `most` takes so many, spread over it, of at most `longest` months.

    Raises:
        FileUnusable: there is no such file, or it is another one.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = [_customer(n, row) for n, row in enumerate(csv.DictReader(file))]
    except OSError as error:
        raise FileUnusable(f"{error}: name the file with DATA=…/telco-customer-churn.csv") from None
    except (KeyError, ValueError, Invalid) as error:
        raise FileUnusable(f"{path} is not the telco-customer-churn sample: {error!r}") from None
    if not found:
        raise FileUnusable(f"{path} has no customers")
    return _some([each for each in found if each.tenure <= longest], most)


def _some(found: Sequence[Customer], most: int | None) -> list[Customer]:
    if most is None or most >= len(found):
        return list(found)
    return [found[n * len(found) // most] for n in range(most)]


def _customer(place: int, row: dict[str, str]) -> Customer:
    held = tuple(meaning[row[column]] for column, meaning in HOLDINGS if row[column] in meaning)
    return Customer(
        place=place,
        reference=row["customerID"],
        tenure=int(row["tenure"]),
        products=held,
        contract_months=CONTRACTS[row["Contract"]],
        monthly_minor=parse_decimal(row["MonthlyCharges"], CURRENCY).minor,
        left={"Yes": True, "No": False}[row["Churn"]],
    )
