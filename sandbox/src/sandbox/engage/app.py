"""Composition of the CRM: endpoints behind the door, the door behind the gateway."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from sandbox.answers import InvalidInput
from sandbox.engage import contacts, purchases, stores
from sandbox.engage.book import Book
from sandbox.engage.door import Door, RateWindow
from sandbox.engage.herald import Herald, HookSettings
from sandbox.engage.refusals import Refusal
from sandbox.faults import FaultBoard
from sandbox.gateway import Gateway
from sandbox.journal import Journal
from sandbox.sending.courier import Courier
from sandbox.sending.ledger import Ledger
from sandbox.sending.manners import Manners

SYSTEM = "engage"


def build_engage(
    api_key: str, faults: FaultBoard, hooks: HookSettings, manners: Manners, *, receiver: str
) -> "Engage":
    """A CRM that tells what changes to `{receiver}/webhooks/engage/{shop}`."""
    ledger = Ledger()
    courier = Courier(receiver=receiver, ledger=ledger, manners=manners)
    return Engage(api_key, faults, Herald(courier, hooks), ledger)


async def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refusal.answer()


async def refuse_body(_request: Request, error: Exception) -> Response:
    return Refusal(400, "InvalidBody", str(error)).answer()


@dataclass
class Engage:
    """The CRM: what it keeps, what it was asked, and the ASGI application that speaks its API."""

    api_key: str
    faults: FaultBoard
    herald: Herald
    ledger: Ledger
    book: Book = field(default_factory=Book)
    journal: Journal = field(default_factory=Journal)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        routes = [*contacts.ROUTES, *purchases.ROUTES, *stores.ROUTES]
        self._endpoints = Starlette(
            routes=routes, exception_handlers={Refusal: refuse, InvalidInput: refuse_body}
        )
        self.keep(self.book)
        self._window = RateWindow(self.clock)
        door = Door(self._endpoints, api_key=self.api_key, window=self._window)
        self.app = Gateway(door, system=SYSTEM, faults=self.faults, journal=self.journal)

    def reset(self) -> None:
        """Forget everything, as after a restart."""
        self.keep(Book())
        self.journal.clear()
        self._window.clear()

    def keep(self, book: Book) -> None:
        """Continue with this content."""
        self.book = book
        self.book.contacts.on_change = self.herald.changed
        self._endpoints.state.book = book
