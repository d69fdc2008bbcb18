"""What the product reads elsewhere: exported lines, and XML."""

import math
from copy import deepcopy
from datetime import UTC
from xml.etree.ElementTree import Element, tostring

import orjson
from hypothesis import strategies as st

from sync_worker.imports.lines import Line, LineSplitter, Staged, staged
from sync_worker.imports.objects import customer_node, customer_of, order_node, order_of
from sync_worker.imports.shapes import Unusable
from tests.fuzz.target import Target, spliced
from tests.unit.mutations import TEXTS, almost
from tests.unit.stored_json import has_nul
from tests.unit.sync_worker.imports.test_objects import CUSTOMER, LINE, ORDER, SHIPPING
from tests.unit.writeback.test_ebay_reads import item, sold
from writeback.mapping import ebay_trading_reads
from writeback.mapping.ebay_xml import BadXml, answer, element
from writeback.marketplaces.port import Listing, MarketplaceOrder

CALL = "GetOrders"
LONGEST = 4_000


def try_export(data: bytes) -> None:
    """However an export is cut, its lines are the same; they make an object, or say why not."""
    lines = _split(data, len(data) or 1)
    assert lines == _split(data, 1 + len(data) % 7)
    usable = [told for told in map(staged, (line.body for line in lines)) if isinstance(told, Staged)]
    for told in usable:
        told.object_id.encode()
    if usable:
        _try_object(usable[0].body, [(number, child.body) for number, child in enumerate(usable[1:], 2)])


def _split(data: bytes, step: int) -> list[Line]:
    splitter = LineSplitter(LONGEST)
    lines = [line for at in range(0, len(data), step) for line in splitter.feed(data[at : at + step])]
    return [*lines, *splitter.finish()]


def _try_object(body: bytes, children: list[tuple[int, bytes]]) -> None:
    for read in (lambda: order_of(order_node(body, children)), lambda: customer_of(customer_node(body))):
        try:
            built = read()
        except Unusable:
            pass
        else:
            assert not has_nul(orjson.dumps(built.data))


def try_xml(data: bytes) -> None:
    """An answer whose orders and listings can be kept or say why not; or no answer, and why."""
    try:
        root = answer(data, CALL)
    except BadXml:
        return
    ebay_trading_reads.count_in(root, "PaginationResult/TotalNumberOfEntries")
    for told in root.all("OrderArray/Order"):
        order = ebay_trading_reads.order_of(told)
        if isinstance(order, MarketplaceOrder):
            assert order.ordered_at.astimezone(UTC) <= order.ordered_at
            assert order.updated_at.astimezone(UTC) <= order.updated_at
    for told in root.all("ItemArray/Item"):
        listing = ebay_trading_reads.listing_of(told)
        if isinstance(listing, Listing):
            assert math.isfinite(listing.weight_grams or 0)


@st.composite
def _almost_xml(draw: st.DrawFn) -> bytes:
    """The answer in which up to four elements say something odd, are missing or come twice."""
    root = deepcopy(_ANSWER)
    for _ in range(draw(st.integers(1, 4))):
        parents = [one for one in root.iter() if len(one)]
        parent: Element = draw(st.sampled_from(parents))
        child = draw(st.sampled_from(list(parent)))
        what = draw(st.sampled_from(["say", "say", "remove", "repeat"]))
        if what == "remove":
            parent.remove(child)
        elif what == "repeat":
            parent.append(deepcopy(child))
        else:
            child.text = draw(TEXTS)
        if not len(root):
            break
    text: bytes = tostring(root, "utf-8")
    return text


_COUNT = element("PaginationResult", element("TotalNumberOfEntries", "3"))
_ANSWER = element(
    f"{CALL}Response",
    _COUNT,
    element("OrderArray", sold(True, False).element, sold(False).element),
    element("ItemArray", item("1", "8").element),
)
_EXPORT = b"\n".join(map(orjson.dumps, (ORDER, LINE, SHIPPING)))
TARGETS = (
    Target(
        "exported lines",
        try_export,
        st.one_of(
            st.lists(st.one_of(*map(almost, (ORDER, LINE, SHIPPING, CUSTOMER))), min_size=1, max_size=4).map(
                b"\n".join
            ),
            spliced([_EXPORT]),
        ),
        [_EXPORT, orjson.dumps(CUSTOMER)],
    ),
    Target("XML of a marketplace", try_xml, _almost_xml(), [tostring(_ANSWER, "utf-8")]),
)
