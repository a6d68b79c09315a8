"""`python -m services.billing --roles api,worker,relay,timers`."""

from services.billing.app import build
from services.billing.settings import Settings
from shared.process import main

main("billing", Settings, build)  # type: ignore[arg-type] # it reads its arguments itself
