"""The benchmarks in their small form: they run, and what they leave is in balance. No time is judged."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.testing.kafka import Kafka

ROOT = Path(__file__).parents[2]


def measured(out: Path, *names: str) -> dict[str, list[dict[str, Any]]]:
    """As `make bench` does it; a benchmark whose books do not balance ends with an error."""
    environment = {k: v for k, v in os.environ.items() if k != "KAFKA_BOOTSTRAP"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", *names, "--small", "--out", str(out)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads((out / "results.json").read_text())[
        "figures"
    ]
    return found


def test_renewals_reads_and_growth_are_measured_and_written_down(tmp_path: Path) -> None:
    found = measured(tmp_path, "renewals", "reads", "growth")

    assert {name: len(figures) for name, figures in found.items()} == {
        "renewals": 2,
        "reads": 3,
        "growth": 2,
    }
    assert [each["name"] for of in found.values() for each in of if each["value"] <= 0] == []
    assert all(each["raw"] > 0 for each in found["renewals"])
    page = (tmp_path / "RESULTS.md").read_text()
    assert "| renewals |" in page
    assert "What was spent" in page


def test_the_consumer_runtime_is_measured_on_a_real_broker(kafka: Kafka, tmp_path: Path) -> None:
    del kafka
    found = measured(tmp_path, "consumer")

    [figure] = found["consumer"]
    assert 0 < figure["share"] < 1


def test_a_benchmark_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no benchmark renwals; there are renewals, consumer"):
        measured(tmp_path, "renwals")
