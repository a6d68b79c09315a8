"""`python -m services.subscriptions --roles api,worker,relay,timers`."""

from services.subscriptions.app import build
from services.subscriptions.settings import Settings
from shared.process import main

main("subscriptions", Settings, build)  # type: ignore[arg-type]  # it reads its arguments itself
