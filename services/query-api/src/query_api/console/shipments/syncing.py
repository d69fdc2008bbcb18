"""What a form asks to be synchronised, and how far one request goes with it."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel
from starlette.responses import Response

from query_api.auth import Reader
from query_api.backend import Backend
from query_api.console.entered import checked
from query_api.console.formatting import plural
from query_api.console.shipments.filters import parse_filters
from query_api.problems import Problem, invalid
from query_api.routes.shipment_parameters import SyncIn
from query_api.routes.shipment_sync import sync_shipments
from query_api.schemas.syncing import MOST_AT_ONCE, SyncAnswer

MOST_ROUNDS = 10


class Choice(BaseModel):
    """Ticked shipments, or those that match the filter of a list's address. `cursor`: an earlier request
    came so far."""

    which: Literal["ticked", "matching"]
    ids: str = ""
    filter: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """`cursor`: where to go on; None: nothing is left. `problem`: why it ended before that."""

    started: int
    cursor: str | None
    problem: Problem | None = None

    @property
    def words(self) -> str:
        if not self.started:
            return "None can be started: they are synchronised, under way, or need something else first."
        verb = "is" if self.started == 1 else "are"
        return f"{plural(self.started, 'shipment')} {verb} being synchronised."


def wanted(choice: Choice, *, dry_run: bool) -> SyncIn:
    """Raises Problem."""
    values = {"dry_run": dry_run, "cursor": choice.cursor or None}
    if choice.which == "matching":
        return SyncIn(filter=parse_filters(parse_qsl(choice.filter)).wanted, **values)
    ids = [one for one in choice.ids.split(",") if one.strip()]
    if not ids:
        raise invalid("ids", "No shipment is ticked. Tick some, or synchronise all that match.")
    if len(ids) > MOST_AT_ONCE:
        raise invalid(
            "ids", f"At most {MOST_AT_ONCE} shipments can be ticked. Narrow the list and take all that match."
        )
    return checked(SyncIn, {"ids": ids, **values})


async def planned(backend: Backend, reader: Reader, choice: Choice) -> SyncAnswer:
    """What would happen. Raises Problem."""
    return await sync_shipments(wanted(choice, dry_run=True), reader, backend, Response())


async def begun(backend: Backend, reader: Reader, choice: Choice) -> Begun:
    """Starts them, so many as one request can."""
    started, cursor = 0, choice.cursor or None
    asked = wanted(choice, dry_run=False)
    for _ in range(MOST_ROUNDS):
        try:
            answer = await sync_shipments(
                asked.model_copy(update={"cursor": cursor}), reader, backend, Response()
            )
        except Problem as problem:
            return Begun(started, cursor, problem)
        started, cursor = started + len(answer.started), answer.next
        if cursor is None:
            break
    return Begun(started, cursor)
