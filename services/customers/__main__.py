"""`python -m services.customers --roles api,worker,relay,timers`."""

from services.customers.app import build
from services.customers.settings import Settings
from shared.process import main

main("customers", Settings, build)  # type: ignore[arg-type] # it reads its arguments itself
