"""eBay's XML is built by a library and read without trusting it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from writeback.mapping.ebay_xml import NAMESPACE, BadXml, Node, answer, element, request

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<CompleteSaleResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>&c;</Ack></CompleteSaleResponse>"""
EXTERNAL = b"""<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<CompleteSaleResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>&e;</Ack></CompleteSaleResponse>"""
PARAMETER = b"""<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><x/>"""
NO_MORE_THAN_A_TYPE = b"""<!DOCTYPE CompleteSaleResponse><CompleteSaleResponse
 xmlns="urn:ebay:apis:eBLBaseComponents"/>"""
OTHER_NAMESPACE = b'<CompleteSaleResponse xmlns="urn:someone:else"><Ack>Success</Ack></CompleteSaleResponse>'
NO_NAMESPACE = b"<CompleteSaleResponse><Ack>Success</Ack></CompleteSaleResponse>"
OTHER_CALL = f'<GetOrdersResponse xmlns="{NAMESPACE}"><Ack>Success</Ack></GetOrdersResponse>'.encode()


@pytest.mark.parametrize("body", [BOMB, EXTERNAL, PARAMETER, NO_MORE_THAN_A_TYPE])
def test_document_types_and_entities_are_refused_whatever_they_hold(body: bytes) -> None:
    with pytest.raises(BadXml, match="document type or entities"):
        answer(body, "CompleteSale")


@pytest.mark.parametrize("body", [OTHER_NAMESPACE, NO_NAMESPACE, OTHER_CALL])
def test_an_answer_of_another_namespace_or_call_is_none(body: bytes) -> None:
    with pytest.raises(BadXml, match="no CompleteSaleResponse of eBay's namespace"):
        answer(body, "CompleteSale")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<a>",
        b"<a></b>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"\xff\xfe<",
        b"<a>&x;</a>",
    ],
)
def test_what_is_no_xml_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadXml, match="no well-formed XML"):
        answer(body, "CompleteSale")


@given(st.binary(max_size=300))
@example(b'<?xml version="1.0" encoding="utf-7"?><a/>')
@example(b'<?xml version="1.0" encoding="shift_jis"?><a/>')
@example(b'<?xml version="1.0" encoding="rot13"?><a/>')
def test_any_bytes_are_an_answer_or_a_clear_error(body: bytes) -> None:
    with pytest.raises(BadXml):
        answer(body, "CompleteSale")


@given(st.text(), st.text())
def test_any_text_survives_as_text(name: str, number: str) -> None:
    body = request("CompleteSale", element("OrderID", name), element("Notes", element("Text", number)))
    root = answer(body.replace(b"CompleteSaleRequest", b"CompleteSaleResponse"), "CompleteSale")
    assert [child.tag for child in root.element] == [f"{{{NAMESPACE}}}OrderID", f"{{{NAMESPACE}}}Notes"]
    assert (root.text("OrderID") or "") == "".join(filter(_fits, _read_back(name))).strip()


def test_a_name_full_of_markup_stays_a_name() -> None:
    hostile = '</OrderID><Shipped>false</Shipped><!-- & "'
    body = request("CompleteSale", element("OrderID", hostile))
    assert b"<Shipped>" not in body
    root = answer(body.replace(b"CompleteSaleRequest", b"CompleteSaleResponse"), "CompleteSale")
    assert root.text("OrderID") == hostile


def test_the_request_is_the_documented_one() -> None:
    body = request("CompleteSale", element("OrderID", "12-34567-89012"), element("Shipped", "true"))
    assert body == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<CompleteSaleRequest xmlns="urn:ebay:apis:eBLBaseComponents"><OrderID>12-34567-89012</OrderID>'
        b"<Shipped>true</Shipped></CompleteSaleRequest>"
    )


def test_a_very_deep_answer_does_no_harm() -> None:
    depth = 50_000
    body = f'<CompleteSaleResponse xmlns="{NAMESPACE}">'.encode() + b"<a>" * depth + b"</a>" * depth
    root = answer(body + b"</CompleteSaleResponse>", "CompleteSale")
    assert root.text("Ack") is None


def test_texts_are_found_by_path_and_absent_ones_are_none() -> None:
    root = Node(element("R", element("A", element("B", " x ")), element("A", element("B", ""))))
    assert [node.text("B") for node in root.all("A")] == ["x", None]
    assert (root.text("A/B"), root.text("C"), root.first("C")) == ("x", None, None)


def _read_back(text: str) -> str:
    """As a parser gives line ends back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _fits(character: str) -> bool:
    code = ord(character)
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
