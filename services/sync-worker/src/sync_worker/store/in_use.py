"""Whether an account may be used at all."""

from typing import Any

from shared.errors import Obsolete

UNINSTALLED = "The app was uninstalled from the shop: nothing is sent or asked any more"


def require_in_use(row: Any, otherwise: str) -> None:
    """Raises Obsolete: with one message for a shop that is let go, else with `otherwise`."""
    if row["is_active"]:
        return
    raise Obsolete(UNINSTALLED if row["uninstalled_at"] else otherwise)
