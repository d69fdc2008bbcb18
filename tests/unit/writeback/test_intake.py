"""What a message means for its order's packages: new, corrected, taken back, nothing new, or refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.errors import Rejected
from shared.shipments.message import Message, OrderReference
from shared.shipments.parcels import Fault, Item, Parcel, Void
from writeback.shipments.intake import Change, Decision, Intake, KnownPackage, Shelf, decide
from writeback.shipments.orders import (
    KnownOrder,
    OrderLine,
    TellingAccount,
    accounts_meant,
    order_meant,
    plain_id,
    spellings,
)
from writeback.targets.port import Line

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SHOP = TellingAccount(1, "shopify", "Shop", is_active=True, retry_policy=None)
AMAZON = TellingAccount(2, "amazon", "Amazon EU", is_active=True, retry_policy="linear-three")
LINES = (OrderLine("11", "TENT", 2), OrderLine("12", "PEG", 10), OrderLine("13", "TENT", 1))
ORDER = KnownOrder(SHOP, "5523", "#1042", LINES, NOW - timedelta(days=2))
REFERENCE = OrderReference(None, "1042", None)
PARCEL = Parcel(
    id="P1",
    label="L1",
    carrier="UPS",
    service=None,
    tracking_numbers=("1Z1",),
    tracking_url=None,
    shipped_at=NOW,
    items=(Item(None, "TENT", 1),),
)


def _known(parcel: Parcel, *lines: Line, is_void: bool = False, stated_at: datetime = NOW) -> KnownPackage:
    return KnownPackage(
        id=uuid4(),
        shipment_id="S-1",
        package_id=parcel.id,
        number=1,
        carrier=parcel.carrier,
        service=parcel.service,
        tracking_numbers=parcel.tracking_numbers,
        tracking_url=parcel.tracking_url,
        lines=lines or (Line("11", "TENT", 1),),
        is_void=is_void,
        stated_at=stated_at,
    )


def _decide(
    *packages: Parcel | Void,
    known: tuple[KnownPackage, ...] = (),
    order: KnownOrder = ORDER,
    faults: tuple[Fault, ...] = (),
) -> Intake:
    message = Message(REFERENCE, "S-1", packages, faults)
    return decide(message, Shelf(order, known, NOW + timedelta(seconds=1)))


def _changes(intake: Intake) -> dict[str, Change]:
    return {decision.package.id: decision.change for decision in intake.decisions}


def _of(*items: Item, package_id: str = "P1") -> Parcel:
    return replace(PARCEL, id=package_id, items=items)


def test_a_new_package_takes_its_units_from_the_lines_of_its_products() -> None:
    [decision] = _decide(_of(Item(None, "TENT", 3), Item("12", None, 4))).decisions
    assert decision == Decision(
        Change.NEW,
        _of(Item(None, "TENT", 3), Item("12", None, 4)),
        lines=(Line("11", "TENT", 2), Line("12", "PEG", 4), Line("13", "TENT", 1)),
    )


def test_ids_of_the_shop_may_be_written_as_it_writes_them_itself() -> None:
    [decision] = _decide(_of(Item("gid://shopify/LineItem/12", None, 1))).decisions
    assert decision.lines == (Line("12", "PEG", 1),)


@pytest.mark.parametrize(
    ("item", "field", "words"),
    [
        (Item(None, "STOVE", 1), "items.0.sku", "is not on the order: SKU 'STOVE'"),
        (Item("99", "TENT", 1), "items.0.id", "is not on the order: line '99'"),
        (Item(None, "TENT", 4), "items.0.quantity", "is 4, but 3 of SKU 'TENT' are left"),
        (Item("11", None, 3), "items.0.quantity", "is 3, but 2 of line '11' are left"),
    ],
)
def test_what_the_order_has_not_is_refused_by_name(item: Item, field: str, words: str) -> None:
    intake = _decide(_of(item))
    assert intake.decisions == ()
    [fault] = intake.faults
    assert (fault.package, fault.field) == ("P1", field)
    assert words in fault.problem


def test_packages_of_one_message_share_what_is_left() -> None:
    intake = _decide(
        _of(Item(None, "TENT", 2)),
        _of(Item(None, "TENT", 2), package_id="P2"),
        _of(Item(None, "TENT", 1), package_id="P3"),
    )
    assert _changes(intake) == {"P1": Change.NEW, "P3": Change.NEW}
    assert [fault.package for fault in intake.faults] == ["P2"]


def test_units_in_living_packages_are_gone_and_those_taken_back_are_not() -> None:
    living = _known(replace(PARCEL, id="A"), Line("12", "PEG", 8))
    void = _known(replace(PARCEL, id="B"), Line("12", "PEG", 8), is_void=True)
    known = (living, void)
    assert _decide(_of(Item(None, "PEG", 3)), known=known).faults[0].field == "items.0.quantity"
    assert _changes(_decide(_of(Item(None, "PEG", 2)), known=known)) == {"P1": Change.NEW}


def test_packages_of_other_shipments_count_and_their_ids_do_not() -> None:
    other = replace(_known(PARCEL, Line("12", "PEG", 10)), shipment_id="S-0")
    assert _changes(_decide(_of(Item(None, "TENT", 1)), known=(other,))) == {"P1": Change.NEW}
    assert _decide(_of(Item(None, "PEG", 1)), known=(other,)).decisions == ()


def test_what_is_taken_back_goes_into_another_package_of_the_same_message() -> None:
    known = _known(PARCEL, Line("12", "PEG", 10))
    intake = _decide(_of(Item(None, "PEG", 10), package_id="P2"), Void("P1"), known=(known,))
    assert _changes(intake) == {"P1": Change.VOIDED, "P2": Change.NEW}


def test_an_order_nothing_may_be_shipped_of_still_has_its_packages_corrected_and_taken_back() -> None:
    order = replace(ORDER, why_not="was cancelled in the shop")
    known = (_known(PARCEL), _known(replace(PARCEL, id="P2"), Line("12", "PEG", 1)))
    newer = replace(PARCEL, tracking_numbers=("1Z2",))
    intake = _decide(newer, Void("P2"), _of(Item(None, "PEG", 1), package_id="P3"), known=known, order=order)
    assert _changes(intake) == {"P1": Change.CORRECTED, "P2": Change.VOIDED}
    assert intake.faults == (Fault("P3", "order", "was cancelled in the shop"),)


def test_a_package_sent_before_its_order_was_placed_is_refused() -> None:
    early = replace(PARCEL, shipped_at=NOW - timedelta(days=4))
    assert _decide(early).faults == (Fault("P1", "shipped_at", "is before the order was placed"),)
    assert _changes(_decide(replace(PARCEL, shipped_at=NOW - timedelta(days=2, hours=20))))


@pytest.mark.parametrize(
    "newer",
    [
        replace(PARCEL, tracking_numbers=("1Z2",)),
        replace(PARCEL, carrier="DHL"),
        replace(PARCEL, service="Express"),
        replace(PARCEL, tracking_url="https://ups.example/1Z1"),
    ],
)
def test_other_tracking_is_a_correction(newer: Parcel) -> None:
    assert _changes(_decide(newer, known=(_known(PARCEL),))) == {"P1": Change.CORRECTED}


def test_the_same_again_changes_nothing() -> None:
    again = replace(PARCEL, shipped_at=NOW - timedelta(hours=1), label="L2")
    assert _changes(_decide(again, known=(_known(PARCEL),))) == {"P1": Change.UNCHANGED}
    gone = _known(PARCEL, is_void=True)
    assert _changes(_decide(Void("P1"), known=(gone,))) == {"P1": Change.UNCHANGED}


def test_the_same_products_may_be_named_in_another_way() -> None:
    known = _known(PARCEL, Line("11", "TENT", 2), Line("13", "TENT", 1))
    for items in ([Item(None, "TENT", 3)], [Item("13", None, 1), Item(None, "TENT", 2)]):
        assert _changes(_decide(_of(*items), known=(known,))) == {"P1": Change.UNCHANGED}


@pytest.mark.parametrize("item", [Item(None, "TENT", 2), Item(None, "PEG", 1), Item("13", None, 1)])
def test_other_products_are_no_correction(item: Item) -> None:
    intake = _decide(_of(item), known=(_known(PARCEL),))
    assert intake.decisions == ()
    assert intake.faults[0].field == "items"


def test_an_older_message_changes_nothing() -> None:
    newer = _known(PARCEL, stated_at=NOW + timedelta(minutes=1))
    older = replace(PARCEL, tracking_numbers=("1Z0",))
    assert _changes(_decide(older, known=(newer,))) == {"P1": Change.OUTDATED}
    assert _changes(_decide(older, known=(replace(newer, is_void=True),))) == {"P1": Change.OUTDATED}


def test_a_package_taken_back_does_not_come_back() -> None:
    intake = _decide(PARCEL, known=(_known(PARCEL, is_void=True),))
    assert intake.decisions == ()
    assert "another id" in intake.faults[0].problem


def test_a_package_nobody_reported_can_only_be_awaited_to_be_taken_back() -> None:
    intake = _decide(PARCEL, Void("P9"))
    assert _changes(intake) == {"P1": Change.NEW}
    assert intake.awaited == (Void("P9"),)


def test_faults_of_the_message_come_first() -> None:
    before = Fault("P0", "label", "is missing")
    assert _decide(_of(Item(None, "STOVE", 1)), faults=(before,)).faults[0] == before


def test_an_order_is_found_under_both_spellings_of_number_and_id() -> None:
    assert spellings("1042") == spellings("#1042") == ["1042", "#1042"]
    assert plain_id("gid://shopify/Order/5523") == plain_id("5523") == "5523"
    assert plain_id("902-1/7") == "902-1/7"


def test_one_order_is_meant_or_the_accounts_are_named() -> None:
    assert order_meant(REFERENCE, []) is None
    assert order_meant(REFERENCE, [ORDER]) == ORDER
    other = replace(ORDER, account=AMAZON)
    with pytest.raises(Rejected, match=r"'Shop' \(shopify\), 'Amazon EU' \(amazon\)"):
        order_meant(REFERENCE, [ORDER, other])
    with pytest.raises(Rejected, match="5523, 5524"):
        order_meant(REFERENCE, [ORDER, replace(ORDER, id="5524")])


def test_an_account_that_is_off_is_only_in_the_way_when_there_is_no_other() -> None:
    off = replace(ORDER, account=replace(AMAZON, is_active=False))
    assert order_meant(REFERENCE, [off, ORDER]) == ORDER
    with pytest.raises(Rejected, match="switched off"):
        order_meant(REFERENCE, [off])


def test_an_account_may_be_named_and_has_to_exist() -> None:
    accounts = [SHOP, AMAZON]
    assert accounts_meant(REFERENCE, accounts) == accounts
    assert accounts_meant(replace(REFERENCE, account="amazon eu"), accounts) == [AMAZON]
    with pytest.raises(Rejected, match=r"no account 'eBay'.*'Shop' \(shopify\)"):
        accounts_meant(replace(REFERENCE, account="eBay"), accounts)
