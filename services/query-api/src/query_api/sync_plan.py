"""Which shipments can be synchronised again, which can not and why, and how long it will take. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil

from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.shipment_words import ShipmentState

TAKES_NOTHING_BACK = frozenset({"amazon"})
BY_HAND = "by_hand"


class Reason(StrEnum):
    """Why a shipment is not started."""

    ALREADY_SYNCED = "already_synced"
    ALREADY_PENDING = "already_pending"
    VOIDED = "voided"
    ACCOUNT_OFF = "account_off"
    SHOP_OFF = "shop_off"
    TAKES_NOTHING_BACK = "takes_nothing_back"
    NOT_FOUND = "not_found"

    @property
    def is_settled(self) -> bool:
        """Nothing is wrong: what was asked for is done or under way."""
        return self in (Reason.ALREADY_SYNCED, Reason.ALREADY_PENDING, Reason.VOIDED)


MESSAGES: Mapping[Reason, str] = {
    Reason.ALREADY_SYNCED: "It is synchronised already: there is nothing to send.",
    Reason.ALREADY_PENDING: "It is under way already, and is not started twice.",
    Reason.VOIDED: "It is voided, and its shop or marketplace knows.",
    Reason.ACCOUNT_OFF: "Its account is switched off: switch it on first.",
    Reason.SHOP_OFF: "The app was uninstalled from its shop: nothing is sent there any more.",
    Reason.TAKES_NOTHING_BACK: (
        "It was voided after Amazon had been told, and Amazon's API takes nothing back: do it by hand, the "
        "steps are told with the shipment, and then mark it as done by hand."
    ),
    Reason.NOT_FOUND: "There is no such shipment that this token may see.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What decides over a shipment. All of one kind are treated alike. `is_left_to_people`: it was to be
    taken back, and the answer was that only a person can."""

    account_id: int
    state: ShipmentState
    is_left_to_people: bool


@dataclass(frozen=True, slots=True)
class AccountShare:
    """What an account will have to do: `per_second` shipments at most, and not before `paused_until`."""

    shipper: Shipper
    to_start: int
    per_second: float

    @property
    def seconds(self) -> int:
        return ceil(self.to_start / self.per_second)

    def seconds_until_done(self, now: datetime) -> int:
        paused_until = self.shipper.paused_until
        wait_s = 0.0 if paused_until is None else max(0.0, (paused_until - now).total_seconds())
        return ceil(wait_s) + self.seconds


@dataclass(slots=True)
class SyncPlan:
    """How many shipments would be started, by account, and how many not, by reason."""

    to_start: Counter[int] = field(default_factory=Counter)
    refused: Counter[Reason] = field(default_factory=Counter)

    @property
    def matching(self) -> int:
        return self.to_start.total() + self.refused.total()


def kind_of(row: ShipmentRow) -> Kind:
    return Kind(row.account_id, row.state, row.is_void and row.error_kind == BY_HAND)


def refusal(kind: Kind, shipper: Shipper) -> Reason | None:
    """Why shipments of this kind are not started; None when they are."""
    match kind.state:
        case ShipmentState.SYNCED:
            return Reason.ALREADY_SYNCED
        case ShipmentState.PENDING:
            return Reason.ALREADY_PENDING
        case ShipmentState.VOIDED:
            return Reason.VOIDED
        case ShipmentState.FAILED:
            return _refusal_of_failed(kind, shipper)


def start_message(shipper: Shipper) -> str:
    """What is said of a shipment that was started just now."""
    if shipper.problem is not None:
        return (
            f"It was started, and waits until its account's credentials are entered again: {shipper.problem}"
        )
    if shipper.paused_until is not None:
        moment = shipper.paused_until.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"It was started, and waits until {moment}: {shipper.pause_reason or 'its account pauses'}"
    return "It was started."


def planned(counts: Iterable[tuple[Kind, int]], shippers: Mapping[int, Shipper]) -> SyncPlan:
    plan = SyncPlan()
    for kind, number in counts:
        reason = refusal(kind, shippers[kind.account_id])
        if reason is None:
            plan.to_start[kind.account_id] += number
        else:
            plan.refused[reason] += number
    return plan


def _refusal_of_failed(kind: Kind, shipper: Shipper) -> Reason | None:
    if not shipper.is_shop_active:
        return Reason.SHOP_OFF
    if not shipper.is_active:
        return Reason.ACCOUNT_OFF
    return (
        Reason.TAKES_NOTHING_BACK if kind.is_left_to_people and shipper.kind in TAKES_NOTHING_BACK else None
    )


_PER_SECOND = {"amazon": 2.0, "ebay": 5.0, "shopify": 2.0}
_SLOWEST = 0.1
_BUDGETS = {"amazon": ("confirmShipment", 1.0), "shopify": ("graphql", 25.0)}


def rate_of(kind: str, budgets: Mapping[str, float]) -> float:
    """Shipments a second that an account of this kind can be told. `budgets`: by operation, as far as known.

    Amazon: 2 requests a second. Shopify counts points: a shipment costs some 25, questions and mutation.
    eBay names no rate, so this is what it takes well.
    """
    operation, cost = _BUDGETS.get(kind, ("", 1.0))
    known = budgets.get(operation)
    return _PER_SECOND.get(kind, 1.0) if known is None else max(known / cost, _SLOWEST)
