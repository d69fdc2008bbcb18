"""The receipt of goods that came back: RETURN lines, never more than the order's receipts state as bought.

A line states what its goods had cost, as the purchase did, also when less went back for them: a fee that was
kept is no purchase, and a price reduction that went back before is in no receipt either.

Money without goods (a price reduction, shipping) makes no receipt. The CRM knows an item type ADJUSTMENT, but
not with which signs it has to be sent, and a wrong receipt can never be changed; the CRM's own connector
sends refunded items only. Shipping was in no receipt to begin with. So a note says what was left out. Goods
without money (only restocked) make none either: nothing was paid back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sync_worker.mapping.amounts import minor_unit
from sync_worker.mapping.receipt import unique_receipt_id
from sync_worker.mapping.refunded_money import LineMoney, Money, refunded_money
from sync_worker.mapping.shares import part
from sync_worker.mapping.stated import Balance, Draft, Kind, Lines, Receipt, StatedLine, balances
from sync_worker.shopify.orders import Order
from sync_worker.shopify.refunds import CAME_BACK, NEVER_SENT, Refund

NOT_STATED_YET = (
    "No return is due: the order's receipt of these goods has not been sent. Once it is, the return follows "
    "by itself"
)
NEVER_STATED = "No return is due: these goods are in no receipt, or were given back before"
NO_MONEY = "No return is due: goods came back without money"


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """What a return states by now; without lines the note says why there is none."""

    lines: Lines
    note: str | None = None


def return_receipt_id(refund: Refund) -> str:
    return f"shopify-{refund.order_id}-r-{refund.id}"


def return_draft(order: Order, refund: Refund) -> Draft:
    return Draft(return_receipt_id(refund), Kind.RETURN, refund.moved_at, partial(_lines_now, order, refund))


def plan_return(order: Order, refund: Refund, receipts: Sequence[Receipt]) -> ReturnPlan:
    """Nothing that was never sent (`cancel`) is in a receipt, unless one was sent for the whole order."""
    money = refunded_money(order, refund)
    if not money.goods:
        return ReturnPlan((), _why_no_goods(money, order.currency))
    sent = [receipt for receipt in receipts if receipt.is_sent or receipt.kind is not Kind.PURCHASE]
    is_whole = any(receipt.id == unique_receipt_id(order) for receipt in sent)
    wanted = [one for one in money.lines if is_whole or one.line.restock_type != NEVER_SENT]
    if not wanted:
        return ReturnPlan((), NEVER_STATED)
    lines, is_short = _returned(wanted, balances(sent), order.currency)
    if not is_whole and (is_short or not lines):
        return ReturnPlan((), NOT_STATED_YET)
    if not lines:
        return ReturnPlan((), NEVER_STATED)
    return ReturnPlan(lines, _left_out(money, order.currency))


def _lines_now(order: Order, refund: Refund, receipts: Sequence[Receipt]) -> Lines:
    return plan_return(order, refund, receipts).lines


def _returned(wanted: Iterable[LineMoney], stated: dict[str, Balance], currency: str) -> tuple[Lines, bool]:
    """The lines, and whether goods that did leave the shop are missing in the receipts."""
    lines: list[StatedLine] = []
    is_short = False
    for money in wanted:
        line_id, quantity = money.line.line_item_id, money.line.quantity
        left = stated.get(line_id)
        taken = min(quantity, left.quantity) if left else 0
        is_short = is_short or (taken < quantity and money.line.restock_type == CAME_BACK)
        if left and taken > 0:
            line = _return_line(money, left, taken, currency)
            stated[line_id] = _without(left, line)
            lines.append(line)
    return tuple(lines), is_short


def _return_line(money: LineMoney, left: Balance, taken: int, currency: str) -> StatedLine:
    """Shopify rounds each refund on its own: with the last items goes all that is left of the line."""
    gross = min(left.gross, part(money.cost, taken, money.line.quantity, currency))
    tax = min(left.tax, gross, part(money.tax, taken, money.line.quantity, currency))
    slack = minor_unit(currency) * (taken + 1)
    if taken == left.quantity and left.gross - gross <= slack:
        gross, tax = left.gross, left.tax
    return left.line.model_copy(update={"quantity": -taken, "gross": gross, "tax": tax})


def _without(left: Balance, line: StatedLine) -> Balance:
    return Balance(left.line, left.quantity + line.quantity, left.gross - line.gross, left.tax - line.tax)


def _why_no_goods(money: Money, currency: str) -> str:
    if not money.total:
        return NO_MONEY
    return f"No return is due: {money.total} {currency} went back, but not for goods, which receipts state"


def _left_out(money: Money, currency: str) -> str | None:
    beyond, kept = money.total - money.goods, money.cost - money.goods
    sentences = (
        f"{beyond} {currency} of what went back was not for goods and is in no receipt" if beyond else None,
        f"{kept} {currency} less went back than the goods had cost, which the receipt states"
        if kept
        else None,
    )
    return "; ".join(sentence for sentence in sentences if sentence) or None
