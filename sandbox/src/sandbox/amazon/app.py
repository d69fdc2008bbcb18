"""Composition of Amazon: all sellers behind one API, which knows them by their access tokens."""

from dataclasses import dataclass, field

from starlette.applications import Starlette

from sandbox.amazon import login, refusals
from sandbox.amazon.api import build_api
from sandbox.amazon.login import build_login
from sandbox.amazon.seller import Seller
from sandbox.amazon.terms import Terms
from sandbox.faults import FaultBoard
from sandbox.gateway import Gateway, Tongue, Words
from sandbox.journal import Journal

SYSTEM, LOGIN = "amazon", "amazon-login"
FIRST = "first"


@dataclass
class Amazon:
    """The sellers by the name the control API has for them, and what they were asked."""

    faults: FaultBoard
    first: Terms = field(default_factory=Terms)
    by_name: dict[str, Seller] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        self.agree(FIRST, self.first)
        self.app = self._gateway(build_api(self.find), SYSTEM, refusals.told, self.journal)
        # Its requests hold secrets, so they are not shown.
        self.login = self._gateway(build_login(self.by_name.values), LOGIN, login.told, Journal())

    def _gateway(self, app: Starlette, system: str, told: Words, journal: Journal) -> Gateway:
        tongue = Tongue(told=told)
        return Gateway(app, system=system, faults=self.faults, journal=journal, tongue=tongue)

    def agree(self, name: str, terms: Terms) -> Seller:
        """Other terms for a seller, who keeps orders and tokens; a new one if nobody has this name."""
        seller = self.by_name.setdefault(name, Seller(name, terms))
        seller.agree(terms)
        return seller

    def find(self, token: str) -> Seller | None:
        """The seller an access token is good for."""
        return next((seller for seller in self.by_name.values() if seller.takes(token)), None)
