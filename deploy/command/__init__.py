"""The `perennial` command: what an operator of the platform types."""

from deploy.command.main import main

__all__ = ["main"]
