"""The CRM's receipts, orders and stores: what it accepts, refuses, ignores and counts."""

from typing import Any

import httpx
import pytest

from tests.sandbox.documents import order, order_item, receipt, receipt_item, without

RECEIPTS, ORDERS = "/api/v3/receipts", "/api/v2/orders"


async def counts(control: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await control.get("/engage/counts")).json()
    return found


async def test_a_receipt_is_accepted_for_a_known_contact(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    assert (await crm.post(RECEIPTS, json=receipt())).status_code == 202
    (kept,) = (await control.get("/engage/receipts")).json()["receipts"]
    assert (kept["contactId"], kept["times_received"], kept["receipt"]) == (kim["id"], 1, receipt())


async def test_a_known_receipt_id_is_silently_ignored_and_counted(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    for number in ("1042", "1042", "9999"):
        assert (await crm.post(RECEIPTS, json=receipt(receiptNumber=number))).status_code == 202
    (kept,) = (await control.get("/engage/receipts")).json()["receipts"]
    assert (kept["times_received"], kept["times_different"], kept["receipt"]["receiptNumber"]) == (
        3,
        1,
        "1042",
    )


@pytest.mark.parametrize(
    "match",
    [
        {"matchKey": "KIM@example.com", "matchKeyType": "email"},
        {"matchKey": "6148732321001", "matchKeyType": "ExternalId"},
        {"matchKey": "100001", "matchKeyType": "MemberNumber"},
    ],
)
async def test_a_receipt_finds_its_contact_by_the_key_it_names(
    crm: httpx.AsyncClient, kim: dict[str, Any], match: dict[str, str]
) -> None:
    assert (await crm.post(RECEIPTS, json=receipt(contact=match))).status_code == 202


async def test_a_receipt_for_nobody_is_not_found(crm: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    answer = await crm.post(RECEIPTS, json=receipt())
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "ContactNotFound")
    assert (await counts(control))["receipts"] == 0


REQUIRED = [name for name in receipt() if name != "awardsBonus"]
REQUIRED_OF_ITEMS = [name for name in receipt_item() if name != "awardsBonus"]


@pytest.mark.parametrize("name", REQUIRED)
async def test_each_required_field_of_a_receipt_is_missed(
    crm: httpx.AsyncClient, kim: dict[str, Any], name: str
) -> None:
    answer = await crm.post(RECEIPTS, json=without(receipt(), name))
    assert (answer.status_code, answer.json()["field"]) == (400, name)


@pytest.mark.parametrize("name", REQUIRED_OF_ITEMS)
async def test_each_required_field_of_a_receipt_item_is_missed(
    crm: httpx.AsyncClient, kim: dict[str, Any], name: str
) -> None:
    answer = await crm.post(RECEIPTS, json=receipt(items=[without(receipt_item(), name)]))
    assert (answer.status_code, answer.json()["field"]) == (400, f"items.0.{name}")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (receipt(totalGrossPrice="499.50"), "totalGrossPrice"),
        (receipt(totalGrossPrice=499.501), "totalGrossPrice"),
        (receipt(totalGrossPrice=500), "totalGrossPrice"),
        (receipt(currency="JPY"), "totalGrossPrice"),
        (receipt(currency="kronor"), "currency"),
        (receipt(createdDate="2026-11-21T08:00:00"), "createdDate"),
        (receipt(createdDate=1763640000), "createdDate"),
        (receipt(receiptNumber=1042), "receiptNumber"),
        (receipt(uniqueReceiptId=""), "uniqueReceiptId"),
        (receipt(items=[]), "items"),
        (receipt(items=[receipt_item(quantity=2.0)]), "items.0.quantity"),
        (receipt(items=[receipt_item(quantity=-2)]), "items.0.quantity"),
        (receipt(items=[receipt_item(type="SALE")]), "items.0.type"),
        (receipt(items=[receipt_item(taxAmount=True)]), "items.0.taxAmount"),
        (receipt(items=[receipt_item(colour="red")]), "items.0.colour"),
        (receipt(contact={"matchKey": "k", "matchKeyType": "ShoeSize"}), "contact.matchKeyType"),
    ],
)
async def test_an_ill_formed_receipt_is_refused_naming_the_field(
    crm: httpx.AsyncClient, kim: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = await crm.post(RECEIPTS, json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


async def test_a_return_has_a_negative_quantity_and_total_and_a_positive_price(
    crm: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    item = receipt_item(type="RETURN", quantity=-2)
    negative = receipt(
        totalGrossPrice=-499.5, paymentMethods=[{"type": "CARD", "value": -499.5}], items=[item]
    )
    assert (await crm.post(RECEIPTS, json=negative)).status_code == 202
    wrong = {**negative, "uniqueReceiptId": "other", "items": [{**item, "grossPaidPrice": -499.5}]}
    assert (await crm.post(RECEIPTS, json=wrong)).json()["field"] == "items.0.grossPaidPrice"


async def test_an_unknown_store_is_created_by_accident(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    await crm.post(RECEIPTS, json=receipt(storeExternalId="ecmo"))
    assert (await counts(control))["stores_created_by_accident"] == 1
    assert {store["externalId"] for store in (await crm.get("/api/v3/stores")).json()} == {"ecom", "ecmo"}


async def test_every_accepted_order_mails_the_customer_again(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    for _ in range(2):
        assert (await crm.post(ORDERS, json=order())).status_code == 200
    listed = (await control.get("/engage/orders", params={"orderNumber": "1042"})).json()
    assert listed["mails"] == [{"orderNumber": "1042", "orderStatus": "Confirmed", "times": 2}]
    assert [sent["contactId"] for sent in listed["orders"]] == [kim["id"]] * 2
    assert (await counts(control))["order_mails_repeated"] == 1


@pytest.mark.parametrize("name", [name for name in order() if name != "freightFee"])
async def test_each_required_field_of_an_order_is_missed(
    crm: httpx.AsyncClient, kim: dict[str, Any], name: str
) -> None:
    answer = await crm.post(ORDERS, json=without(order(), name))
    assert (answer.status_code, answer.json()["field"]) == (400, name)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (order(orderStatus="Teleported"), 400, "orderStatus"),
        (order(paymentStatus="Bartered"), 400, "paymentStatus"),
        (order(totalGrossPrice=499.5), 422, "totalGrossPrice"),
        (order(paymentMethods=[{"description": "Card", "value": 1}]), 422, "paymentMethods"),
        (order(items=[order_item(taxAmount=50)]), 422, "items.0.taxAmount"),
        (order(items=[order_item(type="Return")]), 400, "items.0.quantity"),
        (order(items=[order_item(type="Gift")]), 400, "items.0.type"),
    ],
)
async def test_an_order_that_does_not_add_up_is_refused(
    crm: httpx.AsyncClient, kim: dict[str, Any], body: dict[str, Any], status: int, field: str
) -> None:
    answer = await crm.post(ORDERS, json=body)
    assert (answer.status_code, answer.json()["field"]) == (status, field), answer.text


async def test_an_order_for_nobody_mails_nobody(crm: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    assert (await crm.post(ORDERS, json=order())).status_code == 404
    assert (await counts(control))["order_mails"] == 0


async def test_which_order_statuses_exist_can_be_set(
    crm: httpx.AsyncClient, control: httpx.AsyncClient, kim: dict[str, Any]
) -> None:
    await control.put("/engage/statuses", json={"orderStatus": ["Teleported"]})
    assert (await crm.post(ORDERS, json=order(orderStatus="Teleported"))).status_code == 200
    assert (await crm.post(ORDERS, json=order())).status_code == 400


async def test_a_store_needs_a_name_and_an_external_id(crm: httpx.AsyncClient) -> None:
    assert (await crm.post("/api/v3/stores", json={"externalId": "600"})).json()["field"] == "name"
    assert (await crm.post("/api/v3/stores", json={"name": "Malmö", "externalId": "600"})).status_code == 201
    changed = await crm.post("/api/v3/stores/600", json={"countryCode": "SE"})
    assert (changed.json()["name"], changed.json()["countryCode"]) == ("Malmö", "SE")
    assert (await crm.post("/api/v3/stores/601", json={"name": "?"})).status_code == 404
