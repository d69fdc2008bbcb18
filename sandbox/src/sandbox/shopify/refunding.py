"""Refunds: goods with their money, money without goods, goods without money."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from random import Random

from sandbox.shopify.entities import ZERO, Line, Order, Refund, rounded
from sandbox.shopify.money import original_totals, refund_value
from sandbox.shopify.numbers import Numbers

_SMALL_SHARE = Decimal("0.1")


class RefundKind(StrEnum):
    BOTH = "both"
    MONEY_ONLY = "money"
    GOODS_ONLY = "goods"


def can_refund(order: Order, kind: RefundKind) -> bool:
    if kind is RefundKind.MONEY_ONLY:
        return original_totals(order).total > order.money_back
    return any(line.refunded < line.quantity for line in order.lines)


def refund(order: Order, kind: RefundKind, rng: Random, numbers: Numbers, now: datetime) -> Order:
    """One item of one line comes back, or a tenth of the price is given back, or both sides of it."""
    line = None if kind is RefundKind.MONEY_ONLY else rng.choice(_returnable(order))
    rest = original_totals(order).total - order.money_back
    wanted = refund_value(line, 1, order.market) if line else rounded(rest * _SMALL_SHARE) or rest
    amount = ZERO if kind is RefundKind.GOODS_ONLY else max(min(wanted, rest), ZERO)
    made = Refund(
        id=numbers.resource_id(),
        at=now,
        note="Prisavdrag" if kind is RefundKind.MONEY_ONLY else "Retur",
        transaction_id=numbers.resource_id(),
        amount=amount,
        quantities=((line.id, 1),) if line else (),
    )
    return refunded(order, made)


def _returnable(order: Order) -> list[Line]:
    return [line for line in order.lines if line.refunded < line.quantity]


def refunded(order: Order, made: Refund) -> Order:
    """The order after what came back."""
    back = dict(made.quantities)
    lines = tuple(replace(line, refunded=line.refunded + back.get(line.id, 0)) for line in order.lines)
    after = replace(order, lines=lines, refunds=(*order.refunds, made), updated_at=made.at)
    return replace(after, financial_status=_financial_status(after))


def _financial_status(order: Order) -> str:
    """What went back decides; goods without money change nothing."""
    everything_back = all(line.refunded == line.quantity for line in order.lines)
    if order.money_back >= original_totals(order).total or (everything_back and order.money_back):
        return "refunded"
    return "partially_refunded" if order.money_back else order.financial_status
