"""What the page of one alert shows: what happened, its life, the evidence, and who was told."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from query_api.alert_query import AlertState
from query_api.auth import Reader
from query_api.console.alerts.words import figures
from query_api.repository import alerts as store
from query_api.repository.alert_evidence import StoredProof, proofs
from query_api.repository.alerts import AlertRow, Event
from query_api.routes.alert_deeds import visible
from query_api.schemas.alert_shaping import alert_detail
from query_api.schemas.alerts import AlertDetail
from shared.alerts.verdicts import Rule

PROOFS_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class DetailView:
    """`proofs`: what the shop said about the silence."""

    row: AlertRow
    alert: AlertDetail
    history: list[Event]
    proofs: list[StoredProof]

    @property
    def is_open(self) -> bool:
        return self.row.state is not AlertState.RESOLVED

    @property
    def figures(self) -> list[tuple[str, Any]]:
        return figures(self.alert.numbers)

    @property
    def tasks_address(self) -> str | None:
        """The list of the tasks that are meant."""
        if not self.alert.link:
            return None
        shop = {"shop": self.alert.shop} if self.alert.shop else {}
        return "/?" + urlencode({**self.alert.link, **shop})


async def detail_view(connection: Any, reader: Reader, alert_id: UUID) -> DetailView:
    """Raises 404 for alerts the reader may not see."""
    row = await visible(connection, alert_id, reader)
    history = await store.history_of(connection, alert_id)
    told = await store.notifications_of(connection, row)
    return DetailView(
        row=row,
        alert=alert_detail(row, history, told, with_addresses=reader.may_see_payloads),
        history=history,
        proofs=await _proofs(connection, row),
    )


async def _proofs(connection: Any, row: AlertRow) -> list[StoredProof]:
    if row.rule != Rule.ORDER_SILENCE or row.shop_id is None:
        return []
    found = await proofs(connection, row.shop_id, before=None, limit=PROOFS_LOOKED_AT)
    return [one for one in found if _is_about(one, row)]


def _is_about(stored: StoredProof, row: AlertRow) -> bool:
    """It was said while the alert lasted."""
    return stored.proof.asked_at >= row.began_at and (
        row.resolved_at is None or stored.proof.since <= row.resolved_at
    )
