"""Where things lie in a checkout."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
PRODUCT_PACKAGES = (
    "shared",
    "sandbox",
    "services/ingest",
    "services/sync-worker",
    "services/writeback",
    "services/alerting",
    "services/query-api",
    "cli",
)
DEVSTACK_PACKAGE = "deploy/local"


def program(name: str) -> str:
    """A console script of the environment this runs in."""
    return str(Path(sys.executable).with_name(name))
