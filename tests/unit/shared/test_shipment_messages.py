"""What shipping software says, read: each fault named by package and field, the rest usable."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.shipments.message import Message, read_message
from shared.shipments.parcels import Fault, Faulty, Item, Parcel, Void

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PACKAGE: dict[str, Any] = {
    "id": "P1",
    "label": "LBL-1",
    "carrier": "UPS",
    "service": "Ground",
    "tracking_number": "1Z999",
    "tracking_url": "https://ups.example/1Z999",
    "shipped_at": "2026-11-21T08:00:00+01:00",
    "items": [{"sku": "TENT-2", "quantity": 1}],
}
MESSAGE: dict[str, Any] = {"order": {"number": "#1042"}, "shipment_id": "S-1", "packages": [PACKAGE]}


def _read(content: Any) -> Message:
    return read_message(orjson.dumps(content), received_at=NOW)


def _faults(content: Any) -> list[tuple[str | None, str, str]]:
    with pytest.raises(Faulty) as caught:
        _read(content)
    return [(fault.package, fault.field, fault.problem) for fault in caught.value.faults]


def _with(**changes: Any) -> dict[str, Any]:
    """The message with its package changed; `...` leaves a field out."""
    package = {name: value for name, value in (PACKAGE | changes).items() if value is not ...}
    return {**MESSAGE, "packages": [package]}


def test_a_package_is_read_with_all_it_says() -> None:
    message = _read(MESSAGE)
    assert (message.order.number, message.order.id, message.shipment_id) == ("#1042", None, "S-1")
    assert message.faults == ()
    assert message.packages == (
        Parcel(
            id="P1",
            label="LBL-1",
            carrier="UPS",
            service="Ground",
            tracking_numbers=("1Z999",),
            tracking_url="https://ups.example/1Z999",
            shipped_at=datetime(2026, 11, 21, 7, 0, tzinfo=UTC),
            items=(Item(None, "TENT-2", 1),),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"label": ...}, "label", "is missing"),
        ({"label": ""}, "label", "without a label"),
        ({"label": None}, "label", "without a label"),
        ({"carrier": ...}, "carrier", "is missing"),
        ({"carrier": " "}, "carrier", "is empty"),
        ({"carrier": 5.5}, "carrier", "should be a text"),
        ({"carrier": "x" * 129}, "carrier", "at most 128"),
        ({"service": "a\u0000b"}, "service", "can be shown"),
        ({"tracking_number": ...}, "tracking_number", "is missing"),
        ({"tracking_number": "", "tracking_numbers": []}, "tracking_number", "is missing"),
        ({"tracking_numbers": "1Z"}, "tracking_numbers", "should be a list"),
        ({"tracking_numbers": ["1", ""]}, "tracking_numbers.1", "is empty"),
        ({"tracking_url": "javascript:alert(1)"}, "tracking_url", "should be an address"),
        ({"tracking_url": "https://[oops"}, "tracking_url", "should be an address"),
        ({"shipped_at": ...}, "shipped_at", "is missing"),
        ({"shipped_at": "2026-11-21"}, "shipped_at", "with its offset"),
        ({"shipped_at": "yesterday"}, "shipped_at", "with its offset"),
        ({"shipped_at": 1763700000}, "shipped_at", "with its offset"),
        ({"shipped_at": "0001-01-01T00:00:00+14:00"}, "shipped_at", "with its offset"),
        ({"shipped_at": "2026-11-23T08:00:00Z"}, "shipped_at", "ahead"),
        ({"shipped_at": "2025-11-21T08:00:00Z"}, "shipped_at", "180 days ago"),
        ({"items": ...}, "items", "is missing"),
        ({"items": []}, "items", "has to contain products"),
        ({"items": {}}, "items", "should be a list"),
        ({"items": [{"quantity": 1}]}, "items.0.sku", "is missing"),
        ({"items": [{"sku": "A"}]}, "items.0.quantity", "is missing"),
        ({"items": [{"sku": "A", "quantity": 0}]}, "items.0.quantity", "whole number"),
        ({"items": [{"sku": "A", "quantity": True}]}, "items.0.quantity", "whole number"),
        ({"items": [{"sku": "A", "quantity": 1.5}]}, "items.0.quantity", "whole number"),
        ({"void": "yes"}, "void", "true or false"),
    ],
)
def test_a_fault_names_its_package_and_field(changes: dict[str, Any], field: str, words: str) -> None:
    [(package, named, problem)] = _faults(_with(**changes))
    assert (package, named) == ("P1", field)
    assert words in problem


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ([], "body", "should be an object"),
        ({}, "order", "is missing"),
        ({"order": "#1042"}, "order", "should be an object"),
        ({"order": {}}, "order.number", "number or id"),
        ({"order": {"number": 1.5}}, "order.number", "should be a text"),
        ({"order": {"number": 1042}}, "packages", "is missing"),
        ({"order": {"number": 1042}, "packages": []}, "packages", "1 to 500"),
        ({"order": {"number": 1042}, "packages": [PACKAGE] * 501}, "packages", "1 to 500"),
        ({**MESSAGE, "shipment_id": {}}, "shipment_id", "should be a text"),
    ],
)
def test_a_message_that_can_not_be_used_names_its_field(content: Any, field: str, words: str) -> None:
    [(package, named, problem)] = _faults(content)
    assert (package, named) == (None, field)
    assert words in problem


def test_a_body_that_is_no_json_says_so() -> None:
    with pytest.raises(Faulty, match="body is not JSON"):
        read_message(b"{", received_at=NOW)


def test_what_is_valid_of_a_message_goes_on_without_what_is_not() -> None:
    other = {**PACKAGE, "id": "P2", "label": "LBL-2", "carrier": None, "tracking_number": None}
    message = _read({**MESSAGE, "packages": [other, PACKAGE, 7]})
    assert [package.id for package in message.packages] == ["P1"]
    assert {(fault.package, fault.field) for fault in message.faults} == {("P2", "carrier"), ("3", "package")}


def test_all_tracking_numbers_are_taken_once() -> None:
    [package] = _read(_with(tracking_numbers=["1Z998", "1Z999", 12345])).packages
    assert isinstance(package, Parcel)
    assert package.tracking_numbers == ("1Z999", "1Z998", "12345")


def test_a_package_without_an_id_is_known_by_its_label() -> None:
    [package] = _read(_with(id=...)).packages
    assert package.id == "LBL-1"


def test_two_packages_of_one_id_are_both_refused() -> None:
    twin = {**PACKAGE, "tracking_number": "1Z000"}
    third = {**PACKAGE, "id": "P3"}
    message = _read({**MESSAGE, "packages": [PACKAGE, twin, third]})
    assert [package.id for package in message.packages] == ["P3"]
    assert message.faults == (Fault("P1", "id", "stands for several packages of this message"),)


def test_taking_back_needs_no_more_than_the_ids() -> None:
    assert _read({**MESSAGE, "packages": [{"id": "P1", "void": True}]}).packages == (Void("P1"),)
    assert _read({**MESSAGE, "packages": [{"label": "LBL-1", "void": True}]}).packages == (Void("LBL-1"),)
    assert _faults({**MESSAGE, "packages": [{"void": True}]})[0][:2] == ("1", "id")


def test_taking_back_has_to_name_the_shipment() -> None:
    content = deepcopy(MESSAGE)
    del content["shipment_id"]
    content["packages"] = [{"id": "P1", "void": True}]
    assert _faults(content)[0][:2] == ("P1", "shipment_id")


def test_a_made_shipment_id_is_the_same_for_the_same_message_only() -> None:
    content = {name: value for name, value in MESSAGE.items() if name != "shipment_id"}
    body = orjson.dumps(content)
    first = read_message(body, received_at=NOW).shipment_id
    assert first == read_message(body, received_at=NOW + timedelta(hours=1)).shipment_id
    assert first != read_message(body + b" ", received_at=NOW).shipment_id
    assert first.startswith("SHP-")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from([*PACKAGE, "tracking_numbers", "void"]), VALUES, st.sampled_from([*MESSAGE]), VALUES)
def test_whatever_is_said_is_read_or_named(field: str, said: Any, name: str, content: Any) -> None:
    for message in (_with(**{field: said}), {**MESSAGE, name: content}, content):
        with suppress(Faulty):
            assert read_message(json.dumps(message).encode(), received_at=NOW).packages
