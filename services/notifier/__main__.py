"""`python -m services.notifier --roles api,worker,relay,timers`."""

from services.notifier.app import NAME, build
from services.notifier.settings import Settings
from shared.process import main

if __name__ == "__main__":
    main(NAME, Settings, build)  # type: ignore[arg-type]  # the environment gives what it asks for
