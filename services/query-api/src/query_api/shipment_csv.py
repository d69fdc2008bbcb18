"""Shipments as lines of CSV (RFC 4180) that no spreadsheet takes for formulas. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from query_api.export.disarming import disarmed
from query_api.repository.shipment_records import ShipmentRow, Shipper
from query_api.shipment_words import WORDS


def header(zone: ZoneInfo) -> str:
    """The names of the columns; those of times say in which time zone they are."""
    return _lines(
        [
            (
                "Shop",
                "Account",
                "Order Number",
                "Status",
                "Carrier",
                "Service",
                "Shipment ID",
                "Tracking Number",
                "Tracking URL",
                "Shipped Quantity",
                f"Ship Date ({zone.key})",
                f"Created ({zone.key})",
                f"Last Attempt ({zone.key})",
                "Error Count",
                "Error",
                "Note",
                f"Synchronized ({zone.key})",
                "ID",
            )
        ]
    )


def lines(rows: Iterable[tuple[ShipmentRow, Shipper]], zone: ZoneInfo) -> str:
    """One line for each shipment."""
    return _lines(_cells(row, shipper, zone) for row, shipper in rows)


def _cells(row: ShipmentRow, shipper: Shipper, zone: ZoneInfo) -> Sequence[str]:
    return (
        shipper.domain,
        shipper.name,
        row.order_number or row.order_id,
        WORDS[row.state],
        row.carrier,
        row.service or "",
        row.shipment_id,
        ", ".join(row.tracking_numbers),
        row.tracking_url or "",
        str(row.quantity),
        _moment(row.shipped_at, zone),
        _moment(row.created_at, zone),
        _moment(row.last_attempt_at, zone),
        str(row.error_count),
        row.error_message or "",
        row.note or "",
        _moment(row.synced_at, zone),
        str(row.id),
    )


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([disarmed(cell) for cell in row] for row in rows)
    return text.getvalue()
