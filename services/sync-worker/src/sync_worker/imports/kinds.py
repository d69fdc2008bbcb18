"""What can be imported, and what the shop is asked for."""

from enum import StrEnum
from pathlib import Path

from shared.tasks import TaskType

_EXPORTS = Path(__file__).parent / "exports"


class ImportKind(StrEnum):
    """In the order in which a shop's kinds are imported: receipts belong to contacts."""

    CUSTOMERS = "customers"
    ORDERS = "orders"

    @property
    def has_children(self) -> bool:
        """Whether objects of this kind come in several lines."""
        return self is ImportKind.ORDERS

    @property
    def sync_type(self) -> TaskType:
        """The task that tells the CRM. An order's status is not told: that could mail the customer."""
        return TaskType.SYNC_CONTACT if self is ImportKind.CUSTOMERS else TaskType.SYNC_ORDER


EXPORT_QUERIES = {kind: (_EXPORTS / f"{kind}.graphql").read_text() for kind in ImportKind}
