"""What an export tells of parcels and refunds, and what has to be asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.imports.movements import GONE, INCOMPLETE, in_full, is_unread, parcels_of
from sync_worker.imports.shapes import Unusable

Quantities = list[int]


def line(number: int, quantity: int) -> dict[str, Any]:
    return {"id": f"gid://shopify/LineItem/{number}", "quantity": quantity}


def parcel(number: int, items: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Fulfillment/{number}",
        "name": f"#1042.{number}",
        "status": "SUCCESS",
        "displayStatus": "FULFILLED",
        "createdAt": "2026-11-20T10:00:00Z",
        "updatedAt": "2026-11-20T11:00:00Z",
        "totalQuantity": items,
        "trackingInfo": [{"company": "PostNord", "number": "UA1SE", "url": None}],
    }


def order(quantities: Quantities, *parcels: dict[str, Any], refunds: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "id": "gid://shopify/Order/5523001122334",
        "lineItems": {"nodes": [line(number, quantity) for number, quantity in enumerate(quantities, 1)]},
        "fulfillments": list(parcels),
        "refunds": [{"id": refund, "createdAt": "2026-11-20T10:00:00Z"} for refund in refunds],
    }


def answer(contents: dict[str, Quantities], refunds: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the shop says when it is asked: which items each parcel holds, and refunds in full."""
    sent = [
        {
            "id": parcel_id,
            "fulfillmentLineItems": {
                "nodes": [
                    {"quantity": quantity, "lineItem": {"id": f"gid://shopify/LineItem/{number}"}}
                    for number, quantity in enumerate(quantities, 1)
                    if quantity
                ]
            },
        }
        for parcel_id, quantities in contents.items()
    ]
    return {"fulfillments": sent, "refunds": [{"id": refund, "is": "whole"} for refund in refunds]}


def held(whole: Any) -> list[list[tuple[str, int]]]:
    """Which items each parcel of the order holds."""
    return [
        [
            (part["lineItem"]["id"].rpartition("/")[2], part["quantity"])
            for part in one["fulfillmentLineItems"]["nodes"]
        ]
        for one in whole["fulfillments"]
    ]


@pytest.mark.parametrize(
    ("quantities", "items", "contents"),
    [
        ([2, 1], 3, [("1", 2), ("2", 1)]),
        ([2, 0, 1], 3, [("1", 2), ("3", 1)]),
        ([5], 2, [("1", 2)]),
        ([2, 1], 0, []),
    ],
)
def test_what_leaves_no_choice_is_not_asked_for(
    quantities: Quantities, items: int, contents: list[tuple[str, int]]
) -> None:
    told = order(quantities, parcel(1, items))
    assert not is_unread(told)
    whole = in_full(told, None)
    assert held(whole) == [contents]
    (movement,) = parcels_of(whole)
    assert movement.data["line_items"] == [{"id": line_id, "quantity": n} for line_id, n in contents]


def test_one_parcel_in_doubt_is_asked_for_and_so_are_all_refunds() -> None:
    assert is_unread(order([2, 1], parcel(1, 2)))
    assert is_unread(order([2, 1], parcel(1, 3), refunds=("gid://shopify/Refund/7",)))
    assert not is_unread(order([2, 1]))


def test_what_the_shop_answers_is_taken_over_and_what_came_after_the_export_is_not() -> None:
    told = order([2, 1], parcel(1, 2), refunds=("r1",))
    found = answer({parcel(1, 0)["id"]: [1, 1], "later": [1, 0]}, ("r1", "later"))
    whole = in_full(told, found)
    assert held(whole) == [[("1", 1), ("2", 1)]]
    assert whole["fulfillments"][0]["name"] == "#1042.1"
    assert whole["refunds"] == [{"id": "r1", "is": "whole"}]


@pytest.mark.parametrize(
    ("found", "reason"), [(None, GONE), (answer({}, ("r1",)), INCOMPLETE), (answer({}), INCOMPLETE)]
)
def test_an_order_that_is_not_told_in_full_says_why(found: dict[str, Any] | None, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        in_full(order([2, 1], parcel(1, 2), refunds=("r1",)), found)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=6))
def test_what_is_concluded_is_what_the_parcel_holds(pairs: list[tuple[int, int]]) -> None:
    """Of each line `ordered` items, of which `sent` at most are in the parcel."""
    ordered = [ordered for ordered, _ in pairs]
    sent = [min(pair) for pair in pairs]
    told = order(ordered, parcel(1, sum(sent)))
    if is_unread(told):
        return
    truth = [(str(number), quantity) for number, quantity in enumerate(sent, 1) if quantity]
    assert [(one, quantity) for one, quantity in held(in_full(told, None))[0] if quantity] == truth
