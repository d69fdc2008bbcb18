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


class ChangeKind(StrEnum):
    """What of an import the CRM is told. Statuses are not: these could mail the customer."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    REFUNDS = "refunds"


SYNC_TYPES = {
    ChangeKind.CUSTOMERS: TaskType.SYNC_CONTACT,
    ChangeKind.ORDERS: TaskType.SYNC_ORDER,
    ChangeKind.REFUNDS: TaskType.SYNC_REFUND,
}
EXPORT_QUERIES = {kind: (_EXPORTS / f"{kind}.graphql").read_text() for kind in ImportKind}
