"""Which order a message means. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.errors import Rejected
from shared.shipments.message import OrderReference

GID = "gid://shopify/"
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class TellingAccount:
    """An account whose system is told of shipments."""

    id: int
    kind: str
    name: str
    is_active: bool
    retry_policy: str | None

    def __str__(self) -> str:
        return f"'{self.name}' ({self.kind})"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`quantity`: how many units were ordered and not taken off the order since."""

    id: str
    sku: str | None
    quantity: int


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """`why_not`: why no package of it may be reported; None: they may."""

    account: TellingAccount
    id: str
    number: str | None
    lines: tuple[OrderLine, ...]
    ordered_at: datetime | None
    why_not: str | None = None

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    def __str__(self) -> str:
        return self.number or self.id


def plain_id(text: str) -> str:
    """Shopify's ids may be written in two ways."""
    return text.rpartition("/")[2] if text.startswith(GID) else text


def spellings(number: str) -> list[str]:
    """People write an order's number with and without its mark."""
    plain = number.removeprefix("#")
    return [plain, f"#{plain}"]


def accounts_meant(reference: OrderReference, accounts: Sequence[TellingAccount]) -> list[TellingAccount]:
    """Raises Rejected when the account that is named is not there."""
    if reference.account is None:
        return list(accounts)
    meant = [one for one in accounts if one.name.casefold() == reference.account.casefold()]
    if meant:
        return meant
    known = ", ".join(str(account) for account in accounts) or "none"
    text = f"order.account: no account '{reference.account}' is told of shipments. There are: {known}"
    raise Rejected(text)


def order_meant(reference: OrderReference, found: Sequence[KnownOrder]) -> KnownOrder | None:
    """None: the order is not known. Raises Rejected when it could be several, or its account is off."""
    in_use = [order for order in found if order.account.is_active]
    if found and not in_use:
        text = f"The account {found[0].account} of the order is switched off: switch it on, then retry"
        raise Rejected(text, kind="configuration")
    if len(in_use) > 1:
        raise Rejected(_ambiguity(reference, in_use))
    return in_use[0] if in_use else None


def _ambiguity(reference: OrderReference, found: Sequence[KnownOrder]) -> str:
    accounts = list(dict.fromkeys(str(order.account) for order in found))
    if len(accounts) > 1:
        named = ", ".join(accounts[:_MOST_NAMED])
        return f"The order {reference} is known at several accounts: {named}. Name one as order.account"
    ids = ", ".join(order.id for order in found[:_MOST_NAMED])
    return f"Several orders of {accounts[0]} are called {reference}: name one by order.id: {ids}"
