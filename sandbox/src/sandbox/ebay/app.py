"""Composition of eBay: all sellers behind one address, which knows them by their access tokens."""

from dataclasses import dataclass, field

from starlette.applications import Starlette

from sandbox.ebay import login, refusals, rest, trading
from sandbox.ebay.login import build_login
from sandbox.ebay.refusals import Refusal
from sandbox.ebay.seller import Seller
from sandbox.ebay.terms import Terms
from sandbox.faults import FaultBoard
from sandbox.gateway import Gateway, Tongue
from sandbox.journal import Journal

SYSTEM, LOGIN = "ebay", "ebay-login"
FIRST = "first"


@dataclass
class Ebay:
    """The sellers by the name the control API has for them, and what they were asked."""

    faults: FaultBoard
    first: Terms = field(default_factory=Terms)
    by_name: dict[str, Seller] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.agree(FIRST, self.first)
        tongue = Tongue(told=refusals.told, operations=trading.operations)
        self.app = self._gateway(self._api(), SYSTEM, tongue, self.journal)
        # Its requests hold secrets, so they are not shown.
        self.login = self._gateway(
            build_login(self.by_name.values), LOGIN, Tongue(told=login.told), Journal()
        )

    def agree(self, name: str, terms: Terms) -> Seller:
        """Other terms for a seller, who keeps orders and tokens; a new one if nobody has this name."""
        seller = self.by_name.setdefault(name, Seller(name, terms))
        seller.terms = terms
        return seller

    def find(self, token: str) -> Seller | None:
        """The seller an access token is good for."""
        return next((seller for seller in self.by_name.values() if seller.takes(token)), None)

    def _api(self) -> Starlette:
        routes = [*rest.ROUTES, *trading.ROUTES]
        app = Starlette(routes=routes, exception_handlers={Refusal: refusals.refuse})
        app.state.find = self.find
        return app

    def _gateway(self, app: Starlette, system: str, tongue: Tongue, journal: Journal) -> Gateway:
        return Gateway(app, system=system, faults=self.faults, journal=journal, tongue=tongue)
