"""What a test has counted is told at the end of the run, whichever worker ran it.

A test says it with `record_property("figures", text)`.
"""

import pytest

FIGURES = "figures"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, text in report.user_properties:
                if name == FIGURES:
                    terminalreporter.section(report.nodeid)
                    terminalreporter.write_line(str(text))
