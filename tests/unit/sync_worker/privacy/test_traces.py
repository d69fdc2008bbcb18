"""A person is recognised in every spelling, and nobody else is taken for them."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Call, Detail, Payload, State, decode, encode, utc_now
from sync_worker.privacy.stripping import stripped
from sync_worker.privacy.subject import PersonRequest, Subject, subject_hash, subject_of
from sync_worker.privacy.traces import bare_meta, mentions, rewritten, without_bodies
from tests.factories import transition

KIM = Subject(
    customer_id="191167",
    order_ids=frozenset({"299938"}),
    contact_ids=frozenset({"c0ffee"}),
    emails=frozenset({"kim.åberg+x@example.com"}),
    phones=frozenset({"+46700000000"}),
)
EMAIL = "kim.åberg+x@example.com"


def _is_found(text: str | bytes) -> bool:
    pattern = KIM.pattern()
    assert pattern is not None
    return pattern.search(text if isinstance(text, bytes) else text.encode()) is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"id":191167}',
        "gid:\\/\\/shopify\\/Order\\/299938",
        f'{{"email":"{EMAIL}"}}',
        EMAIL.upper().replace("Å", "å"),
        json.dumps({"email": EMAIL}),
        f"/contacts/id?email={quote(EMAIL, safe='')}",
        "phone=%2B46700000000",
        "/api/v3/contacts/C0FFEE",
    ],
)
def test_the_person_is_found_in_any_spelling(text: str) -> None:
    assert _is_found(text)


@pytest.mark.parametrize("text", ['{"id":1911670}', '{"id":9191167}', "kim@example.com", "+4670000000", ""])
def test_somebody_else_is_not(text: str) -> None:
    assert not _is_found(text)


def test_nobody_is_looked_for_when_nothing_is_known() -> None:
    assert Subject().pattern() is None


@given(st.binary(max_size=60), st.binary(max_size=60), st.booleans())
def test_a_body_is_found_inside_its_encoding(before: bytes, after: bytes, is_urlsafe: bool) -> None:
    body = before + b"\x00" + EMAIL.encode() + b"\x00" + after
    encoded = base64.urlsafe_b64encode(body) if is_urlsafe else base64.b64encode(body)
    pattern = KIM.pattern()
    assert pattern is not None
    assert mentions(b'{"body":"' + encoded + b'"}', pattern)


def test_a_request_tells_whom_it_is_about() -> None:
    body = {
        "customer": {"id": 191167, "email": "kim@example.com", "phone": "555-625-1199"},
        "orders_to_redact": [299938, 280263],
    }
    subject = subject_of(PersonRequest.model_validate(body))
    assert subject.source_ids == {"191167", "299938", "280263"}
    assert subject.phones == {"555-625-1199"}
    nobody = subject_of(PersonRequest.model_validate({"customer": {"id": None, "phone": "112"}}))
    assert nobody == Subject()


def test_a_record_is_about_the_person_only_for_who_knows_them() -> None:
    assert subject_hash("a.myshopify.com", "1") != subject_hash("b.myshopify.com", "1")
    assert subject_hash("a.myshopify.com", None) is None


def test_what_was_bought_stays_and_who_bought_goes() -> None:
    order: dict[str, Any] = {
        "id": "1",
        "name": "#1042",
        "email": EMAIL,
        "customer": {"id": "191167"},
        "line_items": [{"sku": "MUG-1", "name": "Mug", "quantity": 2, "note": "for Kim"}],
        "total_price": "499.00",
    }
    kept = {"id": "1", "name": "#1042", "total_price": "499.00"}
    assert stripped(order) == kept | {"line_items": [{"sku": "MUG-1", "name": "Mug", "quantity": 2}]}


def test_a_transition_keeps_what_happened_and_loses_what_was_said() -> None:
    call = Call(
        api="CRM",
        method="POST",
        url="https://crm.example/contacts?email=kim",
        started_at=utc_now(),
        duration_ms=1,
        request_body=b"kim",
        response_body=b"kim",
    )
    told = transition(state=State.FAILED, detail=Detail(calls=[call], note="n"), payload=Payload(body=b"kim"))
    emptied = without_bodies(told)
    assert b"kim" not in encode([emptied])
    assert (emptied.key, emptied.detail.note) == (told.key, "n")
    message = rewritten(encode([told]), lambda _: True)
    assert message is not None
    assert base64.b64encode(b"kim") not in message
    assert b"kim" not in message
    assert decode(rewritten(encode([told]), lambda _: False) or b"") == [told]
    assert rewritten(b"{broken", lambda _: True) is None


def test_the_facts_of_an_exchange_lose_the_query() -> None:
    meta = {"url": "https://crm.example/contacts/id?email=kim", "status": 200}
    assert bare_meta(meta)["url"] == "https://crm.example/contacts/id"
    assert bare_meta({"topic": "t"})["bodies"] == "erased on a privacy request"
