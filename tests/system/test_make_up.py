"""The first minute of a newcomer, and the second time he comes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIFT = str(int(os.environ.get("PERENNIAL_PORT_SHIFT", "10000")) + 500)

pytestmark = pytest.mark.timeout(400)


def _up(home: Path, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    told = {"PERENNIAL_HOME": str(home), "PERENNIAL_PORT_SHIFT": SHIFT, **(more or {})}
    return subprocess.run(
        [sys.executable, "-m", "deploy.up", "--once"],
        cwd=ROOT,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


def test_two_billing_cycles_end_with_the_counts_that_were_expected(home: Path) -> None:
    done = _up(home)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.search(r"^activated +177 +177$", done.stdout, re.MULTILINE)
    assert "All counts agree" in done.stdout


@pytest.mark.parametrize("line", ["more customers buy", "subscription.created"])
def test_a_second_start_finds_everything_and_goes_on_even_after_the_runner_was_killed(
    home: Path, line: str
) -> None:
    """Before it sold anything, and in the middle of what it sold."""
    broken = subprocess.Popen(
        [sys.executable, "-m", "deploy.up"],
        cwd=ROOT,
        env={**os.environ, "PERENNIAL_HOME": str(home), "PERENNIAL_PORT_SHIFT": SHIFT},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert broken.stdout is not None
    for said in broken.stdout:
        if line in said:
            break
    broken.send_signal(signal.SIGKILL)
    broken.communicate()

    done = _up(home)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "as they were" in done.stdout


def test_one_planted_failure_is_found_and_said(tmp_path: Path) -> None:
    done = _up(tmp_path, {"PERENNIAL_DEMO_PLANT": "decline"})

    assert done.returncode == 1
    assert re.search(r"^activated +177 +176 +<-- differs$", done.stdout, re.MULTILINE)
