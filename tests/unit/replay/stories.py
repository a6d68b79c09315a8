"""A few customers of a made-up file, in the form of the real one."""

import csv
from pathlib import Path
from typing import Any

COLUMNS = (
    "customerID", "gender", "SeniorCitizen", "Partner", "Dependents", "tenure", "PhoneService",
    "MultipleLines", "InternetService", "OnlineSecurity", "OnlineBackup", "DeviceProtection",
    "TechSupport", "StreamingTV", "StreamingMovies", "Contract", "PaperlessBilling",
    "PaymentMethod", "MonthlyCharges", "TotalCharges", "Churn",
)  # fmt: skip


def a_row(reference: str, **told: Any) -> dict[str, str]:
    """One who telephones by the month for 20.05, for three months, and stays."""
    row = {
        **dict.fromkeys(COLUMNS, "No"),
        "customerID": reference,
        "tenure": "3",
        "PhoneService": "Yes",
        "InternetService": "No",
        "Contract": "Month-to-month",
        "MonthlyCharges": "20.05",
    }
    return {**row, **{name: str(value) for name, value in told.items()}}


def a_file(directory: Path, *rows: dict[str, str]) -> Path:
    path = directory / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path
