"""All suppliers behind one door: `/supplier/{name}/…`."""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.answers import InvalidInput, json_answer
from sandbox.faults import FaultBoard
from sandbox.gateway import Gateway
from sandbox.journal import Journal
from sandbox.supplier import bearer_style, keys_style
from sandbox.supplier.house import Refusal, Supplier
from sandbox.supplier.terms import FIRST, Style, Terms

SYSTEM = "supplier"
_STYLES = {Style.BEARER: bearer_style, Style.KEYS: keys_style}


def _refuse_body(_request: Request, error: Exception) -> Response:
    return json_answer({"error": {"code": "INVALID_REQUEST", "message": str(error)}}, status=400)


def _speaking(style: Style) -> ASGIApp:
    module = _STYLES[style]
    return Starlette(
        routes=module.ROUTES, exception_handlers={Refusal: module.refuse, InvalidInput: _refuse_body}
    )


class Reception:
    """Finds the supplier the path names, asks for its keys and lets its style speak."""

    def __init__(self, suppliers: dict[str, Supplier]) -> None:
        self._suppliers = suppliers
        self._styles = {style: _speaking(style) for style in Style}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        name, _, rest = scope["path"].removeprefix(root).lstrip("/").partition("/")
        supplier = self._suppliers.get(name)
        if supplier is None:
            await json_answer({"error": "no such supplier"}, status=404)(scope, receive, send)
            return
        style = supplier.terms.style
        request = Request(scope, receive)
        try:
            _STYLES[style].admit(request, supplier)
        except Refusal as refusal:
            await _STYLES[style].refuse(request, refusal)(scope, receive, send)
            return
        inner = {**scope, "supplier": supplier, "root_path": "", "path": f"/{rest}", "raw_path": None}
        await self._styles[style](inner, receive, send)


@dataclass
class Suppliers:
    """The suppliers by name, and what they were asked."""

    faults: FaultBoard
    products: int = 100_000
    by_name: dict[str, Supplier] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        for name, terms in FIRST.items():
            self.by_name[name] = Supplier(name, terms.model_copy(update={"products": self.products}))
        reception = Reception(self.by_name)
        self.app = Gateway(reception, system=SYSTEM, faults=self.faults, journal=self.journal)

    def agree(self, name: str, terms: Terms) -> Supplier:
        """Other terms for a supplier, who keeps their orders; a new one if nobody has this name."""
        supplier = self.by_name.get(name)
        if supplier is None:
            supplier = self.by_name[name] = Supplier(name, terms)
        supplier.terms = terms
        return supplier
