"""What rules would say now, and what they are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.alert_outlook import OpenAlert
from query_api.alert_query import AlertState
from shared.alerts.evaluating import evaluate_platform, evaluate_shop
from shared.alerts.facts import PlatformLimits
from shared.alerts.reading import read_platform, read_settings, read_shops
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import Proof, proof_of
from shared.alerts.verdicts import Verdict
from shared.db.queries import load_queries

_queries = load_queries(__file__, "alert_evidence")

# A rule and its subject.
Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredProof:
    id: int
    proof: Proof


async def effective_settings(connection: Any, shop_id: int) -> AlertSettings | None:
    """The shop's own settings or the defaults; None: the shop is not in use."""
    return (await read_settings(connection, [shop_id])).get(shop_id)


async def shop_verdicts(
    connection: Any, shop_id: int, settings: AlertSettings, now: datetime
) -> list[Verdict]:
    facts = await read_shops(connection, {shop_id: settings}, now)
    return evaluate_shop(facts[shop_id], settings, now)


async def platform_verdicts(connection: Any, now: datetime) -> list[Verdict]:
    return evaluate_platform(await read_platform(connection, now), PlatformLimits(), now)


async def open_alerts(connection: Any, shop_id: int | None) -> Mapping[Kind, OpenAlert]:
    """By rule and subject; `shop_id` None: of the platform."""
    found: dict[Kind, OpenAlert] = {}
    async for row in _queries.open_alerts(connection, shop_id=shop_id):
        alert = OpenAlert(**{**dict(row), "state": AlertState(row["state"])})
        found[alert.rule, alert.subject] = alert
    return found


async def muted_until(connection: Any, shop_id: int | None) -> Mapping[Kind, datetime]:
    """By rule and subject; `shop_id` None: of the platform."""
    rows = _queries.mutes(connection, shop_id=shop_id)
    return {(row["rule"], row["subject"]): row["until"] async for row in rows}


async def proofs(connection: Any, shop_id: int, *, before: int | None, limit: int) -> list[StoredProof]:
    """The newest first."""
    rows = _queries.proofs(connection, shop_id=shop_id, before=before, wanted=limit)
    return [StoredProof(row["id"], proof_of(row)) async for row in rows]
