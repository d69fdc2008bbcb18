"""The whole of a supplier's API as its account describes it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from shared.suppliers.calls import (
    CancelOrderCall,
    FindOrderCall,
    OrderFields,
    OrdersCall,
    PlaceOrderCall,
    ProductsCall,
)
from shared.suppliers.paths import ValuePath
from shared.suppliers.vocabulary import OrderStatus, Strict

ErrorKind = Literal["out_of_stock", "validation", "not_found", "authentication", "rate_limit", "temporary"]
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKENS = re.compile(r"\{([^{}]*)\}")


def _credential_header(text: str) -> str:
    names = _TOKENS.findall(text)
    if not names or set(names) - {"token", "token2"}:
        raise ValueError("should say which credential it carries: {token} or {token2}, like Bearer {token}")
    return text


def _header_name(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    return name


HeaderName = Annotated[str, AfterValidator(_header_name)]
CredentialHeader = Annotated[str, AfterValidator(_credential_header)]


class ErrorWords(Strict):
    """Where the supplier's refusals say why; `kinds`: what its error codes mean."""

    code: ValuePath | None = None
    message: ValuePath | None = None
    field: ValuePath | None = None
    kinds: dict[str, ErrorKind] = Field(default={})


class Format(Strict):
    """The supplier's API: what it is asked, with which headers, and how its answers are read."""

    auth: dict[HeaderName, CredentialHeader] = Field(min_length=1)
    headers: dict[HeaderName, str] = Field(default={})
    products: ProductsCall | None = None
    place_order: PlaceOrderCall | None = None
    find_order: FindOrderCall | None = None
    get_orders: OrdersCall | None = None
    cancel_order: CancelOrderCall | None = None
    order: OrderFields | None = None
    statuses: dict[str, OrderStatus] = Field(default={})
    errors: ErrorWords = ErrorWords()

    @model_validator(mode="after")
    def _hangs_together(self) -> "Format":
        if (self.get_orders or self.find_order) and self.order is None:
            raise ValueError("'order' is needed: where the supplier's order says its reference and status")
        if self.get_orders and not self.statuses:
            raise ValueError("'statuses' is needed: what the supplier's order statuses mean")
        existing = self.place_order and self.place_order.existing
        if existing and existing.reference is None and self.find_order is None:
            raise ValueError("'place_order.existing' needs 'reference', or 'find_order' to look the order up")
        return self

    @property
    def credentials(self) -> frozenset[str]:
        """The names of the credentials its headers carry."""
        return frozenset(name for text in self.auth.values() for name in _TOKENS.findall(text))
