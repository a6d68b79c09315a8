"""`python -m tests.chaos.planted BUG SERVICE`: the service as it is, with one bug."""

import asyncio
import runpy
import sys

from tests.chaos.planted.catalogue import BUGS


def main() -> None:
    name, service = sys.argv[1:]
    asyncio.run(BUGS[name].plant())
    sys.argv = [f"services.{service}"]
    runpy.run_module(f"services.{service}", run_name="__main__")


main()
