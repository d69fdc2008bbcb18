"""Everything the CRM keeps, in memory; one event loop, so no locks."""

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.engage.contact_book import ContactBook

KEPT_ORDERS = 20_000
CONSENT_DEFINITIONS = (
    {"id": "memberConsent", "text": "Terms of the membership", "mandatory": True},
    {"id": "newsletter", "text": "Newsletter by e-mail", "mandatory": False},
)
FIRST_STORE = {"externalId": "ecom", "name": "Webshop", "type": "ecom", "countryCode": "SE", "active": True}
ORDER_STATUSES = frozenset(
    {"Created", "Pending", "Confirmed", "Open", "InProgress", "Processing", "Paid", "Updated", "Completed"}
    | {"PartiallyShipped", "Shipped", "PartiallyFulfilled", "Fulfilled", "Delivered"}
    | {"Cancelled", "PartiallyReturned", "Returned", "PartiallyRefunded", "Refunded"}
)
PAYMENT_STATUSES = frozenset(
    {"Pending", "Authorized", "PartiallyPaid", "Paid", "Unpaid", "Expired", "Unknown"}
    | {"PartiallyRefunded", "Refunded", "Voided"}
)


@dataclass
class ReceiptRecord:
    """One uniqueReceiptId: the first content stays, later ones are only counted."""

    content: dict[str, Any]
    contact_id: str
    times_received: int = 1
    times_different: int = 0
    differing_fields: list[str] = field(default_factory=list)


def _first_stores() -> dict[str, dict[str, Any]]:
    return {FIRST_STORE["externalId"]: dict(FIRST_STORE)}  # type: ignore[dict-item]


def _known_statuses() -> dict[str, frozenset[str]]:
    return {"orderStatus": ORDER_STATUSES, "paymentStatus": PAYMENT_STATUSES}


@dataclass
class Book:
    contacts: ContactBook = field(default_factory=ContactBook)
    receipts: dict[str, ReceiptRecord] = field(default_factory=dict)
    orders: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_ORDERS))
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    stores: dict[str, dict[str, Any]] = field(default_factory=_first_stores)
    statuses: dict[str, frozenset[str]] = field(default_factory=_known_statuses)
    counts: Counter[str] = field(default_factory=Counter)

    def totals(self) -> dict[str, int]:
        """What it holds and what happened, by name; accidents are writes a careful caller never makes."""
        held = {
            "contacts": len(self.contacts.contacts),
            "receipts": len(self.receipts),
            "receipts_received": sum(r.times_received for r in self.receipts.values()),
            "receipts_different": sum(r.times_different for r in self.receipts.values()),
            "order_mails": self.mails.total(),
            "order_mails_repeated": sum(times - 1 for times in self.mails.values()),
            "stores": len(self.stores),
        }
        happened = dict.fromkeys(
            ("stores_created_by_accident", "fields_blanked", "contacts_refused_duplicate"), 0
        )
        return {**happened, **held, **self.contacts.counts, **self.counts}

    def dump(self) -> dict[str, Any]:
        """The content as plain data, for `load`."""
        return {
            "contacts": self.contacts.contacts,
            "next_member": self.contacts.next_member,
            "receipts": {key: asdict(record) for key, record in self.receipts.items()},
            "orders": list(self.orders),
            "mails": [[number, status, times] for (number, status), times in self.mails.items()],
            "stores": self.stores,
            "counts": [dict(self.contacts.counts), dict(self.counts)],
        }

    @classmethod
    def load(cls, dumped: dict[str, Any]) -> "Book":
        book = cls(stores=dumped["stores"])
        book.contacts.restore(dumped["contacts"], next_member=dumped["next_member"])
        book.receipts = {key: ReceiptRecord(**record) for key, record in dumped["receipts"].items()}
        book.orders.extend(dumped["orders"])
        book.mails = Counter({(number, status): times for number, status, times in dumped["mails"]})
        book.contacts.counts, book.counts = (Counter(counts) for counts in dumped["counts"])
        return book
