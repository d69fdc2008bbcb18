"""What a shop answered about a silence, in sentences. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.alerts.words import many, moment

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """Orders made in the silence. `unheard`: the numbers of those missed ones that are not stored here.
    Unless `is_whole` there are more."""

    made: int
    missed: int
    unheard: tuple[str, ...]
    is_whole: bool


def told(gone: Sequence[str] | None, orders: Counted, since: datetime, zone: ZoneInfo) -> str:
    """`gone`: topics the shop no longer sends here; None: that was not to be found out."""
    sentences = [
        _subscriptions(gone, is_quiet=not orders.missed),
        _orders(orders, f"since {moment(since, zone)}"),
        _unheard(orders.unheard),
        _known(orders.missed - len(orders.unheard)),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _subscriptions(gone: Sequence[str] | None, *, is_quiet: bool) -> str:
    if gone:
        subject = "subscription for" if len(gone) == 1 else "subscriptions for"
        topics, are = " and ".join(gone), "is" if len(gone) == 1 else "are"
        return f"Its webhook {subject} {topics} {are} gone: it no longer tells of its orders."
    if gone is None or not is_quiet:
        return ""
    return "It still tells of its orders: its webhook subscriptions are in place."


def _orders(orders: Counted, since: str) -> str:
    if not orders.made:
        return f"It had no order {since}."
    had = f"It had {'' if orders.is_whole else 'more than '}{many(orders.made, 'order')} {since}"
    if not orders.missed:
        return f"{had}, and all of them are synced."
    if orders.missed < orders.made:
        return f"{had}, of which {orders.missed:,} {_are(orders.missed)} not synced."
    return f"{had}, which is not synced." if orders.made == 1 else f"{had}, none of which is synced."


def _unheard(numbers: Sequence[str]) -> str:
    if not numbers:
        return ""
    more = len(numbers) - _NAMED
    named = ", ".join(numbers[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    they_are = "it is" if len(numbers) == 1 else "they are"
    return f"Nobody told Syncledger of {named}: {they_are} being fetched."


def _known(n: int) -> str:
    if not n:
        return ""
    return (
        f"{many(n, 'order')} {_are(n)} known here but did not get through: see the tasks of the order sync."
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
