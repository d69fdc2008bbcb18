"""From rows of shipments and their orders to answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from query_api.manual_steps import Facts, guide_for
from query_api.repository.payloads import Exchange
from query_api.repository.records import TaskRow
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.repository.shipped_orders import OrderRow
from query_api.schemas.shaping import payload_entry
from query_api.schemas.shipments import (
    Attempt,
    ManualStep,
    ManualSteps,
    OrderBrief,
    Shipment,
    ShipmentBrief,
    ShipmentError,
    ShipmentItem,
    Waiting,
    WriteBack,
)
from query_api.shipment_words import WORDS, ShipmentState, fulfilment_of, message_of
from query_api.write_backs import AttemptView
from shared.remedies import remedy_for


@dataclass(frozen=True, slots=True)
class WriteBackRow:
    """A write-back as the log has it. `exchanges` None: the reader's role does not see data."""

    task: TaskRow
    attempts: Sequence[AttemptView]
    exchanges: Sequence[Exchange] | None
    address: str


def brief(row: ShipmentRow, shipper: Shipper) -> ShipmentBrief:
    return ShipmentBrief(**_brief_values(row, shipper))


def shipment(
    row: ShipmentRow, shipper: Shipper, *, order: OrderRow | None, write_backs: Sequence[WriteBackRow]
) -> Shipment:
    return Shipment(
        **_brief_values(row, shipper),
        label=row.label,
        package_number=row.package_number,
        items=[_item(content) for content in row.items],
        target_id=row.target_id,
        error=_error(row),
        waiting=_waiting(shipper),
        order=order and order_brief(order, shipper),
        write_backs=[_write_back(one) for one in write_backs],
        manual_steps=_manual_steps(row, shipper),
    )


def order_brief(row: OrderRow, shipper: Shipper) -> OrderBrief:
    tally = row.tally
    return OrderBrief(
        account_id=str(shipper.id),
        account=shipper.name,
        account_kind=shipper.kind,
        shop=shipper.domain,
        order_id=row.order_id,
        order_number=row.order_number,
        state=row.state,
        status=WORDS[row.state],
        message=message_of(tally),
        fulfilment=fulfilment_of(tally),
        packages={state: getattr(tally, state.value) for state in ShipmentState},
        units_ordered=tally.ordered,
        units_synced=tally.units_synced,
        order_status=row.status,
        ordered_at=row.ordered_at,
        first_shipment_at=row.first_at,
        updated_at=row.updated_at,
    )


def _brief_values(row: ShipmentRow, shipper: Shipper) -> dict[str, Any]:
    own = {name: getattr(row, name) for name in ShipmentBrief.model_fields if hasattr(row, name)}
    return own | {
        "shop": shipper.domain,
        "account": shipper.name,
        "account_kind": shipper.kind,
        "status": WORDS[row.state],
    }


def _item(content: Mapping[str, Any]) -> ShipmentItem:
    return ShipmentItem(id=str(content["id"]), sku=content.get("sku"), quantity=content["quantity"])


def _error(row: ShipmentRow) -> ShipmentError | None:
    if row.error_kind is None:
        return None
    return ShipmentError(
        kind=row.error_kind, message=row.error_message or "", remedy=remedy_for(row.error_kind)
    )


def _waiting(shipper: Shipper) -> Waiting | None:
    if shipper.paused_until is None:
        return None
    reason = shipper.problem or shipper.pause_reason or ""
    return Waiting(reason=reason, until=shipper.paused_until, is_held=shipper.is_hold)


def _manual_steps(row: ShipmentRow, shipper: Shipper) -> ManualSteps | None:
    if row.state is not ShipmentState.FAILED:
        return None
    facts = Facts(
        order_number=row.order_number or row.order_id,
        carrier=row.carrier,
        service=row.service,
        tracking_numbers=tuple(row.tracking_numbers),
        tracking_url=row.tracking_url,
        shipped_at=row.shipped_at,
        quantity=row.quantity,
        is_known=row.told_version > 0,
    )
    guide = guide_for(shipper.kind, facts, is_void=row.is_void)
    if guide is None:
        return None
    steps = [ManualStep(text=step.text, paste=dict(step.paste)) for step in guide.steps]
    return ManualSteps(title=guide.title, steps=steps)


def _write_back(one: WriteBackRow) -> WriteBack:
    return WriteBack(
        task_id=one.task.task_id,
        state=one.task.state,
        retry_of=one.task.retry_of,
        attempts=[_attempt(one, view) for view in one.attempts],
        payloads=one.address,
    )


def _attempt(one: WriteBackRow, view: AttemptView) -> Attempt:
    failure, detail = view.failure, view.detail
    return Attempt(
        task_id=one.task.task_id,
        attempt=view.attempt,
        max_attempts=view.max_attempts,
        state=view.state,
        started_at=view.started_at,
        ended_at=view.ended_at,
        duration_ms=detail.get("duration_ms"),
        due_at=detail.get("due_at"),
        note=detail.get("note"),
        error_kind=failure.get("kind"),
        error_message=failure.get("message"),
        http_status=failure.get("http_status"),
        remedy=failure.get("remedy"),
        calls=_calls(one, view.attempt),
    )


def _calls(one: WriteBackRow, attempt: int) -> list[Any] | None:
    if one.exchanges is None:
        return None
    mine = [exchange for exchange in one.exchanges if exchange.attempt == attempt and exchange.position > 0]
    return [payload_entry(exchange, one.address) for exchange in mine]
