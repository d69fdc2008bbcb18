"""Which suppliers and other accounts the board offers to narrow its list to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from query_api.account_kinds import SUPPLIER
from query_api.console.connections.words import kind_name
from query_api.console.tasks.filters import Filters
from query_api.repository.flows import AccountBrief, accounts
from query_api.repository.records import Shop

MOST_SHOPS = 20


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """`by_kind`: in words; empty for `is_too_many` shops to choose from. `others`: the ids of accounts that
    are asked for although they are not offered."""

    by_kind: Mapping[str, Sequence[AccountBrief]]
    others: Sequence[str]
    is_chosen: frozenset[str]
    has_many_shops: bool
    is_too_many: bool

    @property
    def names(self) -> dict[str, str]:
        """By their ids."""
        return {str(one.id): one.name for group in self.by_kind.values() for one in group}


async def account_choice(connection: Any, shops: Sequence[Shop], filters: Filters) -> AccountChoice:
    """Suppliers first. Of the shops the list is narrowed to, else of all."""
    wanted = filters.values("shop")
    among = [shop for shop in shops if not wanted or shop.domain in wanted]
    is_too_many = len(among) > MOST_SHOPS
    found = [] if is_too_many else await accounts(connection, [shop.id for shop in among])
    by_kind: dict[str, list[AccountBrief]] = {}
    for one in sorted(found, key=lambda one: (one.kind != SUPPLIER.name, one.kind, one.name)):
        by_kind.setdefault(kind_name(one.kind), []).append(one)
    chosen = filters.values("account")
    offered = {str(one.id) for one in found}
    others = [value for value in chosen if value not in offered]
    return AccountChoice(by_kind, others, frozenset(chosen), len(among) > 1, is_too_many)
