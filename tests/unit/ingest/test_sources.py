"""What the headers and bodies of the CRM, WooCommerce and generic senders say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.accepting import Arrival, queued
from ingest.delivery import delivery_key
from ingest.refusals import Reason
from ingest.shops import secrets_in
from ingest.signatures import NotSigned
from ingest.sources import SOURCES
from ingest.sources.engage import NOT_USED, Engage
from ingest.sources.source import Head, Identity, MissingHeader, Source, Unusable
from ingest.sources.standard import Standard
from ingest.sources.woocommerce import WooCommerce
from shared.envelope import decode, encode, split
from shared.identity import created_at
from shared.tasks import TaskType
from tests.unit.stored_json import has_nul

NOW = datetime(2026, 11, 20, 16, 15, 50, tzinfo=UTC)
SENT = str(int(NOW.timestamp()))
SHOP = "acme.myshopify.com"
MESSAGE = {"webhook-id": "msg_1", "webhook-timestamp": SENT, "webhook-signature": "v1,c2ln"}
SVIX = {"svix-id": "msg_2", "svix-timestamp": SENT, "svix-signature": "v1,c3ZpeA=="}
WOO = {
    "X-WC-Webhook-Source": "https://acme.example/",
    "X-WC-Webhook-Topic": "order.updated",
    "X-WC-Webhook-Resource": "order",
    "X-WC-Webhook-Event": "updated",
    "X-WC-Webhook-Signature": "CJGy2l17vmafo5cc0gtESTEst3ie65pcrP8ExTVLjmA=",
    "X-WC-Webhook-ID": "4",
    "X-WC-Webhook-Delivery-ID": "0d1e",
}
WOO_BODY = b'{"id":727,"status":"processing"}'


def head(headers: dict[str, str], content_type: str = "application/json") -> Head:
    return Head(tuple(headers.items()), content_type, SHOP)


def identified(
    source: Source, headers: dict[str, str], body: Any, *, received_at: datetime = NOW
) -> Identity:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return source.identify(source.read(head(headers)), raw, received_at=received_at)


def event(event_type: str = "contact.acceptsEmail.changed", **changes: Any) -> dict[str, Any]:
    return {
        "eventId": "9f0d", "eventType": event_type, "isEncrypted": False, "tenant": "acme",
        "payload": {"contactId": "6f1c"}, **changes,
    }  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_has_a_door_of_its_own(source: Source) -> None:
    assert source.path.startswith((f"/webhooks/{source.name}", f"/{source.name}/{{shop}}"))
    assert len({other.path for other in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize("source", [Engage(), Standard()], ids=lambda source: source.name)
@pytest.mark.parametrize("name", list(MESSAGE))
def test_a_message_without_a_header_names_it(source: Source, name: str) -> None:
    headers = {key: value for key, value in MESSAGE.items() if key != name}
    with pytest.raises(MissingHeader) as missing:
        source.read(head(headers))
    assert missing.value.name == name


def test_the_crm_is_told_of_headers_by_their_own_name() -> None:
    with pytest.raises(MissingHeader) as missing:
        Engage().read(head({}))
    assert missing.value.name == "svix-id"
    with pytest.raises(MissingHeader) as missing:
        Engage().read(head({"svix-id": "msg_2", "svix-timestamp": SENT}))
    assert missing.value.name == "svix-signature"


def test_the_crm_signs_under_either_name() -> None:
    for headers, message_id, signature in ((MESSAGE, "msg_1", "v1,c2ln"), (SVIX, "msg_2", "v1,c3ZpeA==")):
        delivery = Engage().read(head({name.upper(): value for name, value in headers.items()}))
        assert (delivery.webhook_id, delivery.signature, delivery.signed_at) == (message_id, signature, SENT)
        assert delivery.headers == {"webhook-id": message_id, "webhook-timestamp": SENT}
    assert Engage().read(head(MESSAGE | SVIX)).webhook_id == "msg_2"
    assert Engage().read(head(MESSAGE | {"svix-id": "unsigned"})).webhook_id == "msg_1"


def test_a_generic_sender_signs_under_one_name() -> None:
    with pytest.raises(MissingHeader):
        Standard().read(head(SVIX))


def test_a_message_is_the_same_however_often_it_is_sent() -> None:
    first = identified(Engage(), SVIX, event()).delivery
    later = identified(Engage(), SVIX | {"svix-timestamp": str(int(SENT) + 300)}, event()).delivery
    assert delivery_key(first, b"") == delivery_key(later, b"other") == "engage:webhook:msg_2"
    assert first.triggered_at == NOW


@pytest.mark.parametrize("event_type", ["contact.acceptsEmail.changed", "contact.acceptsSms.changed"])
def test_changed_preferences_are_used(event_type: str) -> None:
    identity = identified(Engage(), SVIX, event(event_type))
    assert (identity.task_type, identity.delivery.topic) == (TaskType.CONTACT_WEBHOOK, event_type)
    assert identity.about.source_id == "6f1c"


@pytest.mark.parametrize("event_type", [*sorted(NOT_USED), "something.new"])
def test_other_events_of_the_crm_are_not_used(event_type: str) -> None:
    assert identified(Engage(), SVIX, event(event_type)).task_type is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", event(None), event(7), event("x" * 100)])  # type: ignore[arg-type]
def test_an_event_nobody_can_read_becomes_a_task_all_the_same(body: Any) -> None:
    identity = identified(Engage(), SVIX, body)
    assert (identity.task_type, identity.delivery.topic) == (TaskType.CONTACT_WEBHOOK, "")


@pytest.mark.parametrize("payload", [None, "x", [], {}, {"contactId": None}])
def test_an_event_may_name_no_contact(payload: Any) -> None:
    assert identified(Engage(), SVIX, event(payload=payload)).about.source_id is None


@pytest.mark.parametrize(
    ("type_", "data", "task_type", "source_id", "number"),
    [
        ("order.created", {"id": "A-17", "number": "1042"}, TaskType.ORDER_WEBHOOK, "A-17", "#1042"),
        ("order.anything", {"id": 17, "number": "#1042"}, TaskType.ORDER_WEBHOOK, "17", "#1042"),
        ("customer.updated", {"id": "C-9", "number": "1"}, TaskType.CUSTOMER_WEBHOOK, "C-9", None),
        ("customer.deleted", [], TaskType.CUSTOMER_WEBHOOK, None, None),
        ("invoice.paid", {"id": 1}, None, "1", None),
    ],
)
def test_a_generic_message_says_what_it_is_about(
    type_: str, data: Any, task_type: TaskType | None, source_id: str | None, number: str | None
) -> None:
    identity = identified(
        Standard(), MESSAGE, {"type": type_, "timestamp": "2026-11-20T16:15:47Z", "data": data}
    )
    assert (identity.task_type, identity.delivery.topic) == (task_type, type_)
    assert (identity.about.source_id, identity.about.order_number) == (source_id, number)


@pytest.mark.parametrize("body", [b"", b"[]", {}, {"type": None}, {"type": ""}])
def test_a_generic_message_without_a_type_becomes_a_task_all_the_same(body: Any) -> None:
    assert identified(Standard(), MESSAGE, body).task_type is TaskType.ORDER_WEBHOOK


def test_woocommerce_signs_the_body() -> None:
    delivery = WooCommerce().read(head(WOO))
    assert WooCommerce().verify(delivery, WOO_BODY, secrets=[b"other", b"wc-secret"], now=NOW) == 1
    with pytest.raises(NotSigned) as refused:
        WooCommerce().verify(delivery, WOO_BODY + b" ", secrets=[b"wc-secret"], now=NOW)
    assert refused.value.reason is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("secret", [b"a &amp; b", b"a & b", b"&#97; & b"])
def test_woocommerce_signs_with_the_decoded_form_of_a_secret(secret: bytes) -> None:
    signature = "xPqmLdq7HT/QObadem7JmQop383HxVPTl9Hzk24KnmI="  # of WOO_BODY with "a & b"
    delivery = WooCommerce().read(head(WOO | {"X-WC-Webhook-Signature": signature}))
    assert WooCommerce().verify(delivery, WOO_BODY, secrets=[b"other", secret], now=NOW) == 1


@pytest.mark.parametrize("name", ["X-WC-Webhook-Signature", "X-WC-Webhook-Topic"])
def test_a_woocommerce_delivery_without_a_header_names_it(name: str) -> None:
    with pytest.raises(MissingHeader) as missing:
        WooCommerce().read(head({key: value for key, value in WOO.items() if key != name}))
    assert missing.value.name == name


@pytest.mark.parametrize(
    ("headers", "content_type", "is_ping"),
    [
        ({}, "application/x-www-form-urlencoded", True),
        (
            {"User-Agent": "WooCommerce/9.3 Hookshot"},
            "application/x-www-form-urlencoded; charset=UTF-8",
            True,
        ),
        ({}, "application/json", False),
        (WOO, "application/x-www-form-urlencoded", False),
        ({"x-wc-webhook-topic": "order.updated"}, "application/x-www-form-urlencoded", False),
    ],
)
def test_an_unsigned_form_is_a_ping(headers: dict[str, str], content_type: str, is_ping: bool) -> None:
    assert WooCommerce().is_ping(head(headers, content_type)) is is_ping
    assert not any(
        source.is_ping(head(headers, content_type)) for source in SOURCES if source.name != "woocommerce"
    )


def test_a_woocommerce_delivery_is_known_by_topic_resource_and_body() -> None:
    def key(changes: dict[str, str] | None = None, body: bytes = WOO_BODY) -> str:
        delivery = identified(WooCommerce(), WOO | (changes or {}), body, received_at=NOW).delivery
        return delivery_key(delivery, body)

    assert key().startswith("woocommerce:order.updated:727:")
    assert key() == key({"X-WC-Webhook-Delivery-ID": "another", "X-WC-Webhook-ID": "5"})
    assert key() != key(body=b'{"id":727,"status":"completed"}')
    assert key() != key({"X-WC-Webhook-Topic": "order.created"})


@pytest.mark.parametrize(
    ("topic", "task_type"),
    [
        ("order.created", TaskType.ORDER_WEBHOOK),
        ("order.updated", TaskType.ORDER_WEBHOOK),
        ("ORDER.deleted", TaskType.ORDER_WEBHOOK),
        ("order.restored", None),
        ("customer.created", TaskType.CUSTOMER_WEBHOOK),
        ("customer.deleted", TaskType.CUSTOMER_WEBHOOK),
        ("product.updated", None),
        ("action.woocommerce_add_to_cart", None),
    ],
)
def test_each_topic_of_woocommerce_causes_its_task(topic: str, task_type: TaskType | None) -> None:
    assert identified(WooCommerce(), WOO | {"X-WC-Webhook-Topic": topic}, WOO_BODY).task_type is task_type


def test_a_woocommerce_task_stands_where_the_change_was_made() -> None:
    body = {"id": 727, "number": "1042", "date_modified_gmt": "2026-11-20T16:15:47"}
    identity = identified(WooCommerce(), WOO, body)
    assert identity.delivery.triggered_at == datetime(2026, 11, 20, 16, 15, 47, tzinfo=UTC)
    assert (identity.about.source_id, identity.about.order_number) == ("727", "#1042")
    assert identified(WooCommerce(), WOO, {"id": 727}).delivery.triggered_at == NOW


@pytest.mark.parametrize(
    ("credentials", "secrets"),
    [
        (b'{"webhook_secret": "a"}', [b"a"]),
        (b'{"api_key": "k", "webhook_secret": ["a", "b"]}', [b"a", b"b"]),
        (b'{"webhook_secret": ["", null, 7, "a"]}', [b"a"]),
        (b'{"api_key": "k"}', []),
        (b'{"webhook_secret": null}', []),
        (b"[]", []),
        (b"not json", []),
        (b"", []),
    ],
)
def test_an_account_holds_one_secret_or_several(credentials: bytes, secrets: list[bytes]) -> None:
    assert secrets_in(credentials) == secrets


TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["id", "number", "type", "data", "eventType", "payload", "date_modified_gmt"]),
            inner,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
@given(
    headers=st.dictionaries(st.sampled_from([*MESSAGE, *SVIX, *WOO, "x-shopify-topic"]), TEXT),
    body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
)
@example(headers=MESSAGE, body=b"\\u0000")
@example(headers=MESSAGE | {"webhook-id": "\\u0000"}, body=b"\0")
def test_any_headers_and_any_body_are_refused_or_become_a_task_that_can_be_read_again(
    source: Source, headers: dict[str, str], body: bytes
) -> None:
    source.claim(head(headers))
    try:
        delivery = source.read(head(headers))
    except MissingHeader:
        return
    with pytest.raises(NotSigned):
        source.verify(delivery, body, secrets=[b"hush", b"whsec_aHVzaA=="], now=NOW)
    try:
        identity = source.identify(delivery, body, received_at=NOW)
    except Unusable:
        return
    if identity.task_type is None:
        return
    transition = queued(Arrival(identity.delivery, body, identity.about, 7, identity.task_type, NOW))
    message = encode([transition])
    assert decode(message) == [transition]
    assert not has_nul(split(message)[0])
    assert created_at(transition.task.id) <= NOW + timedelta(minutes=5)
