"""A package as Amazon takes it: exactly the documented fields, carriers by marketplace, dates in its way."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.errors import Rejected
from shared.marketplaces.amazon import AmazonSettings
from writeback.mapping import amazon_carriers
from writeback.mapping.amazon_carriers import Carrier, carrier_of
from writeback.mapping.amazon_shipment import confirmation, is_as_told, known_package, left_out, wire_time
from writeback.targets.port import Line, Package

GERMANY, SWEDEN, AUSTRALIA, JAPAN = "A1PA6795UKMFR9", "A2NODRKZP88ZB9", "A39IBJ37TRP1C6", "A1VC38T7YXB528"


def package(**changes: Any) -> Package:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "order_id": "902-1106328-1059050",
        "number": 3,
        "carrier": "PostNord",
        "service": "MyPack",
        "tracking_numbers": ("UA123456789SE",),
        "tracking_url": "https://tracking.example/UA123456789SE",
        "shipped_at": datetime(2026, 11, 21, 9, tzinfo=timezone(timedelta(hours=1))),
        "lines": (Line("79039765272157", "MUG-1", 2), Line("79039765272158", None, 1)),
        "marketplace": SWEDEN,
    }
    return Package(**(facts | changes))


def settings(*marketplace_ids: str, **changes: Any) -> AmazonSettings:
    return AmazonSettings(marketplace_ids=marketplace_ids or (SWEDEN,), **changes)


def test_the_body_holds_exactly_what_is_documented() -> None:
    assert confirmation(package(), settings()) == {
        "marketplaceId": SWEDEN,
        "packageDetail": {
            "packageReferenceId": "3",
            "carrierCode": "Other",
            "carrierName": "PostNord",
            "shippingMethod": "MyPack",
            "trackingNumber": "UA123456789SE",
            "shipDate": "2026-11-21T08:00:00.000Z",
            "orderItems": [
                {"orderItemId": "79039765272157", "quantity": 2},
                {"orderItemId": "79039765272158", "quantity": 1},
            ],
        },
    }


def test_a_known_carrier_is_sent_by_its_code_alone_and_no_service_by_nothing() -> None:
    detail = confirmation(package(carrier="Dhl-Express", service=None), settings())["packageDetail"]
    assert detail["carrierCode"] == "DHL"
    assert {"carrierName", "shippingMethod"} & set(detail) == set()


def test_the_only_marketplace_of_the_account_is_meant_when_the_order_has_none() -> None:
    assert confirmation(package(marketplace=None), settings(GERMANY))["marketplaceId"] == GERMANY


def test_of_several_marketplaces_none_is_guessed() -> None:
    with pytest.raises(Rejected) as caught:
        confirmation(package(marketplace=None), settings(GERMANY, SWEDEN))
    assert caught.value.kind == "configuration"


def test_a_package_without_tracking_number_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(Rejected, match="tracking number"):
        confirmation(package(tracking_numbers=()), settings())


def test_further_tracking_numbers_are_said_to_be_left_out() -> None:
    several = package(tracking_numbers=("A1", "A2", "A3"))
    assert confirmation(several, settings())["packageDetail"]["trackingNumber"] == "A1"
    assert left_out(several) == "Amazon takes one tracking number for a package: A2, A3 was not sent"
    assert left_out(package()) is None


@pytest.mark.parametrize(
    ("text", "marketplace_id", "carrier"),
    [
        ("UPS", SWEDEN, Carrier("UPS")),
        ("u.p.s.", SWEDEN, Carrier("UPS")),
        ("Federal Express", GERMANY, Carrier("FedEx")),
        ("dpd", GERMANY, Carrier("DPD")),
        ("DPD", SWEDEN, Carrier("Other", "DPD")),
        ("Australia Post", AUSTRALIA, Carrier("Australia Post-ArticleId")),
        ("Australia Post", GERMANY, Carrier("Other", "Australia Post")),
        ("Yamato", JAPAN, Carrier("YAMATO")),
        ("Yamato", GERMANY, Carrier("YamatoTransport")),
        (" PostNord ", SWEDEN, Carrier("Other", "PostNord")),
        ("Other", SWEDEN, Carrier("Other", "Other")),
        ("DHL", "SOMEWHERE-NEW", Carrier("DHL")),
    ],
)
def test_carriers_have_codes_by_marketplace(text: str, marketplace_id: str, carrier: Carrier) -> None:
    assert carrier_of(text, marketplace_id, {}) == carrier


def test_the_accounts_own_codes_come_first() -> None:
    assert carrier_of("post nord", SWEDEN, {"PostNord": "POSTNORD"}) == Carrier("POSTNORD")


def test_every_code_of_the_table_is_named_and_used() -> None:
    file = Path(amazon_carriers.__file__).parent / "amazon_carriers.toml"
    table = tomllib.loads(file.read_text())
    marketplaces = table["marketplaces"]
    used = set(marketplaces["everywhere"]).union(*marketplaces["besides"].values())
    assert used == set(table["names"])


def test_a_package_is_known_again_by_its_number_and_tracking_number() -> None:
    order = {"packages": [{"packageReferenceId": "3", "trackingNumber": "UA123456789SE"}]}
    assert is_as_told(known_package(order, package()), package())
    assert not is_as_told(known_package(order, package(number=1)), package(number=1))
    other = package(tracking_numbers=("NEW",))
    assert not is_as_told(known_package(order, other), other)
    assert known_package({}, package()) is None


def test_times_are_sent_in_utc_with_milliseconds() -> None:
    assert wire_time(datetime(2026, 2, 3, 4, 5, 6, 789_999, tzinfo=UTC)) == "2026-02-03T04:05:06.789Z"
