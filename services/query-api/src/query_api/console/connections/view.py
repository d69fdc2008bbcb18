"""What the page of connections shows: the accounts, and one of them with its past."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from query_api.backend import Backend
from query_api.connection_health import wanted_since
from query_api.console.connections.charts import Past
from query_api.console.frame import Frame
from query_api.history_span import Span, Step
from query_api.problems import not_found
from query_api.repository.api_health import Connected, observed
from query_api.repository.records import Shop
from query_api.routes import connections as api
from query_api.schemas.connections import ChangeOut, ConnectionOut
from shared.connections.status import GRAVEST_FIRST, Colour

SPANS: Mapping[int, str] = {1: "1 hour", 6: "6 hours", 24: "24 hours", 168: "7 days"}
HOURLY_FROM = 24
PATH = "/connections"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. `hours`: how far back the charts go."""

    shops: tuple[str, ...]
    account_id: str | None
    hours: int

    def address(self, account_id: str | None = None, *, hours: int | None = None) -> str:
        """The page of an account, or of the same one; narrowed to the same shops."""
        pairs = [("shop", shop) for shop in self.shops]
        span = self.hours if hours is None else hours
        pairs += [] if span == min(SPANS) else [("hours", str(span))]
        wanted = account_id or self.account_id
        path = f"{PATH}/{wanted}" if wanted else PATH
        return f"{path}?{urlencode(pairs)}" if pairs else path


@dataclass(frozen=True, slots=True)
class ConnectionsView:
    """`past` None: it could not be read. `chosen` None: there is no account that is called."""

    wanted: Wanted
    shops: Sequence[Shop]
    connections: Sequence[ConnectionOut]
    chosen: ConnectionOut | None
    past: Mapping[str, Past] | None

    @property
    def has_many_shops(self) -> bool:
        return len(self.shops) > 1

    @property
    def by_shop(self) -> dict[str, list[ConnectionOut]]:
        found: dict[str, list[ConnectionOut]] = {}
        for one in self.connections:
            found.setdefault(one.shop, []).append(one)
        return found

    @property
    def tally(self) -> list[tuple[Colour, int]]:
        """How many accounts have each colour, the gravest first."""
        counts = Counter(one.status for one in self.connections)
        return [(colour, counts[colour]) for colour in GRAVEST_FIRST if counts[colour]]

    @property
    def changes(self) -> list[tuple[str, ChangeOut]]:
        """Where a part's colour changed, the newest first."""
        series = [past.series for past in (self.past or {}).values()]
        found = [(one.category, change) for one in series for change in one.changes]
        return sorted(found, key=lambda change: change[1].at, reverse=True)


async def connections_view(
    frame: Frame, connection: Any, wanted: Wanted, *, now: datetime
) -> ConnectionsView:
    """Raises Problem, 404 for accounts that are not there or not the visitor's."""
    parameters = api.ConnectionsParameters(shop=list(wanted.shops))
    answer = await api.list_connections(parameters, frame.reader, frame.backend, Response())
    chosen = _chosen(answer.connections, wanted.account_id)
    past = None
    if chosen is not None:
        account = await api.called_account(connection, int(chosen.account_id), frame.reader)
        past = await _past(frame.backend, account, wanted, answer.as_of or now)
    return ConnectionsView(
        wanted=wanted,
        shops=await frame.shops(connection),
        connections=answer.connections,
        chosen=chosen,
        past=past,
    )


def _chosen(connections: Sequence[ConnectionOut], account_id: str | None) -> ConnectionOut | None:
    """The one asked for, else the one that needs somebody most."""
    if account_id is None:
        return min(connections, key=lambda one: GRAVEST_FIRST.index(one.status), default=None)
    found = next((one for one in connections if one.account_id == account_id), None)
    if found is None:
        raise not_found("There is no such account in use that is called and that you may see.")
    return found


async def _past(
    backend: Backend, account: Connected, wanted: Wanted, until: datetime
) -> dict[str, Past] | None:
    step: Step = "hour" if wanted.hours >= HOURLY_FROM else "minute"
    span = Span(until - timedelta(hours=wanted.hours), until, step)
    found = await observed(backend.pool, [account.id], wanted_since([account], span.start), span.end)
    if found is None:
        return None
    return {series.category: Past(series) for series in await api.series_of(account, found, span)}
