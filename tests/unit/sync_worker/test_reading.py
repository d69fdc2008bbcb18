"""The shop's bodies: what is taken, what is refused, and in which words."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.envelope import Payload
from shared.errors import Rejected
from sync_worker.shopify.customers import Customer
from sync_worker.shopify.orders import Order
from sync_worker.shopify.reading import read, topic_of, triggered_at
from tests.unit.sync_worker.bodies import customer, customer_body, line_body, order, order_body


def refusal(body: bytes, model: type[Customer | Order] = Customer, what: str = "customer") -> str:
    with pytest.raises(Rejected) as caught:
        read(model, body, what=what)
    assert caught.value.kind == "validation"
    return caught.value.message


@pytest.mark.parametrize("body", [b"", b"[1", b"\xff\xfe", b"<html>"])
def test_what_is_not_json_is_said_to_be_so(body: bytes) -> None:
    assert refusal(body) == "The customer sent by the shop is not JSON"


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1"])
def test_json_of_another_kind_is_refused(body: bytes) -> None:
    assert refusal(body) == "The customer sent by the shop is not a JSON object"


def test_a_missing_field_is_named() -> None:
    assert refusal(b"{}") == "The customer sent by the shop has no field 'id'"


def test_a_field_deep_inside_is_named_with_its_place_but_not_its_value() -> None:
    body = orjson.dumps(order_body(line_items=[line_body(), line_body(price="kim@example.com")]))
    said = refusal(body, Order, "order")
    assert said == (
        "The order sent by the shop can not be used: field 'line_items.1.price' should be a valid decimal"
    )


@pytest.mark.parametrize("value", [1.5, True, 2**63, 0, -1, "12a", "", None, "١٢"])
def test_an_id_is_a_whole_number_of_64_bits(value: Any) -> None:
    assert "field 'id' should be a whole number" in refusal(orjson.dumps(customer_body(id=value)))


def test_an_id_beyond_2_to_the_53_keeps_all_its_digits() -> None:
    assert customer(id=820982911946154508).id == "820982911946154508"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999", "9" * 30])
def test_amounts_nobody_can_pay_are_refused(amount: str) -> None:
    said = refusal(orjson.dumps(order_body(total_price=amount)), Order, "order")
    assert "field 'total_price'" in said


def test_a_moment_without_an_offset_is_refused() -> None:
    said = refusal(orjson.dumps(customer_body(updated_at="2026-11-20T17:15:47")))
    assert said.endswith("field 'updated_at' should have timezone info")


def test_blank_texts_are_nothing_and_nul_is_dropped() -> None:
    read_back = customer(first_name="  ", last_name="A\x00b", email="")
    assert (read_back.first_name, read_back.last_name, read_back.email) == (None, "Ab", None)


def test_half_a_character_is_dropped_and_the_rest_is_read() -> None:
    body = orjson.dumps(customer_body(first_name="Kim")).replace(b'"Kim"', b'"Kim \\ud83d"')
    assert read(Customer, body, what="customer").first_name == "Kim"
    with pytest.raises(Rejected, match="is not JSON"):
        read(Customer, body + b"}", what="customer")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "#" * 256, "at most 255 characters"),
        ("total_price", "99999999999999", "less than or equal to"),
        ("created_at", "0001-01-01T00:00:00+14:00", "between 1970 and 2200"),
        ("order_number", 2**63, "less than or equal to"),
    ],
)
def test_what_nobody_means_is_refused_by_name(field: str, value: object, words: str) -> None:
    with pytest.raises(Rejected, match=f"field '{field}'.*{words}"):
        order(**{field: value})


def test_null_lists_and_unknown_fields_are_tolerated() -> None:
    tolerant = order(line_items=None, refunds=None, shipping_lines=None, new_in_2027={"x": 1})
    assert tolerant.line_items == ()


def test_a_stored_order_reads_back_as_it_was() -> None:
    first = order(cancelled_at="2026-11-20T18:00:00+01:00", tip=None)
    assert Order.model_validate(orjson.loads(orjson.dumps(first.model_dump(mode="json")))) == first


@pytest.mark.parametrize(
    ("name", "number"), [("#1042", "1042"), ("SE-1042-X", "SE-1042-X"), (None, "1042"), ("#", "1042")]
)
def test_an_orders_number_is_what_people_call_it(name: str | None, number: str) -> None:
    assert order(name=name).number == number


def delivery(**headers: str) -> Payload:
    return Payload(body=b"{}", headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("name", ["X_Shopify_Triggered_At", "shopify_triggered_at"])
def test_the_trigger_time_is_read_from_either_header(name: str) -> None:
    moment = triggered_at(delivery(**{name: "2026-11-20T16:15:47.123456Z"}))
    assert moment == datetime(2026, 11, 20, 16, 15, 47, 123456, UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-20T16:15:47", "0001-01-01T00:00:00+14:00"])
def test_an_unusable_trigger_time_counts_as_none(text: str) -> None:
    assert triggered_at(delivery(x_shopify_triggered_at=text)) is None


def test_a_delivery_without_a_topic_is_refused() -> None:
    with pytest.raises(Rejected, match="names no topic"):
        topic_of(Payload(body=b"{}"))
