"""What apps change in the shop, and the webhooks their own changes come back as."""

from typing import Any

import pytest

from tests.sandbox.asking import Admin
from tests.sandbox.running import Receiver
from tests.sandbox.telling import told, topics
from tests.waiting import eventually

EMAIL = """mutation($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) {
    customer { id defaultEmailAddress { marketingState marketingOptInLevel marketingUpdatedAt } }
    userErrors { field message } } }"""
SMS = """mutation($input: CustomerSmsMarketingConsentUpdateInput!) {
  customerSmsMarketingConsentUpdate(input: $input) {
    customer { defaultPhoneNumber { marketingState } } userErrors { field message } } }"""


def consent(customer: dict[str, Any], state: str, **fields: Any) -> dict[str, Any]:
    wanted = {"marketingState": state, "marketingOptInLevel": "SINGLE_OPT_IN", **fields}
    return {"customerId": customer["admin_graphql_api_id"], "emailMarketingConsent": wanted}


async def test_email_consent_is_written_and_comes_back_as_webhooks(admin: Admin, receiver: Receiver) -> None:
    kim = await admin.customer(email="kim@example.com", email_consent="subscribed", tell=False)
    at = "2026-11-20T16:15:47Z"
    data = await admin.data(EMAIL, input=consent(kim, "UNSUBSCRIBED", consentUpdatedAt=at))
    payload = data["customerEmailMarketingConsentUpdate"]
    assert payload["userErrors"] == []
    assert payload["customer"]["defaultEmailAddress"] == {
        "marketingState": "UNSUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": at,
    }
    bodies = await told(receiver, "customers_email_marketing_consent/update", "customers/update")
    body = bodies["customers_email_marketing_consent/update"]
    assert (body["customer_id"], body["email_marketing_consent"]["state"]) == (kim["id"], "unsubscribed")


async def test_the_same_state_again_moves_no_time_and_tells_nothing(admin: Admin, receiver: Receiver) -> None:
    kim = await admin.customer(email="kim@example.com", email_consent="subscribed", tell=False)
    before = kim["email_marketing_consent"]["consent_updated_at"]
    later = consent(kim, "SUBSCRIBED", consentUpdatedAt="2026-12-24T00:00:00Z")
    await admin.data(EMAIL, input=later)
    after = (await admin.control.get(f"/customers/{kim['id']}")).json()["email_marketing_consent"]
    assert after["consent_updated_at"] == before
    await admin.data(EMAIL, input=consent(kim, "UNSUBSCRIBED"))
    await told(receiver, "customers_email_marketing_consent/update", "customers/update")


@pytest.mark.parametrize("state", ["NOT_SUBSCRIBED", "INVALID", "REDACTED"])
async def test_states_that_are_read_only_are_refused(admin: Admin, state: str) -> None:
    kim = await admin.customer(email="kim@example.com")
    payload = (await admin.data(EMAIL, input=consent(kim, state)))["customerEmailMarketingConsentUpdate"]
    assert payload["customer"] is None
    assert payload["userErrors"][0]["field"] == ["input", "emailMarketingConsent", "marketingState"]


async def test_sms_consent_needs_a_phone_and_is_told_under_its_odd_name(
    admin: Admin, receiver: Receiver
) -> None:
    mute = await admin.customer(email="mute@example.com", phone=None, tell=False)
    kim = await admin.customer(phone="+46700000001", tell=False)

    async def agree(customer: dict[str, Any]) -> dict[str, Any]:
        wanted = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
        given = {"customerId": customer["admin_graphql_api_id"], "smsMarketingConsent": wanted}
        payload: dict[str, Any] = (await admin.data(SMS, input=given))["customerSmsMarketingConsentUpdate"]
        return payload

    assert "phone number" in (await agree(mute))["userErrors"][0]["message"]
    assert (await agree(kim))["customer"]["defaultPhoneNumber"]["marketingState"] == "SUBSCRIBED"
    bodies = await told(receiver, "customers_marketing_consent/update", "customers/update")
    body = bodies["customers_marketing_consent/update"]
    assert (body["id"], body["sms_marketing_consent"]["state"]) == (kim["id"], "subscribed")


async def test_a_time_without_an_offset_is_refused(admin: Admin) -> None:
    kim = await admin.customer(email="kim@example.com")
    given = consent(kim, "SUBSCRIBED", consentUpdatedAt="2026-11-20T16:15:47")
    assert "offset" in (await admin.ask(EMAIL, input=given))["errors"][0]["message"]


async def test_a_reference_is_written_on_an_order_in_every_way(admin: Admin, receiver: Receiver) -> None:
    order = await admin.order(tell=False)
    update = """mutation($input: OrderInput!) { orderUpdate(input: $input) {
      order { note tags customAttributes { key value } } userErrors { field message } } }"""
    given = {
        "id": order["admin_graphql_api_id"],
        "note": "G4C-1001",
        "tags": ["published"],
        "customAttributes": [{"key": "supplier_order", "value": "G4C-1001"}],
    }
    changed = (await admin.data(update, input=given))["orderUpdate"]["order"]
    assert (changed["note"], changed["tags"]) == ("G4C-1001", ["published"])
    bodies = await told(receiver, "orders/updated")
    assert bodies["orders/updated"]["note_attributes"] == [{"name": "supplier_order", "value": "G4C-1001"}]
    await admin.data(update, input=given)
    assert topics(receiver) == ["orders/updated"]


async def test_metafields_are_read_back_and_not_told(admin: Admin, receiver: Receiver) -> None:
    order = await admin.order(tell=False)
    write = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
      metafields { id key value } userErrors { field message code elementIndex } } }"""
    field = {
        "ownerId": order["admin_graphql_api_id"],
        "namespace": "syncledger",
        "key": "supplier_order",
        "type": "single_line_text_field",
        "value": "G4C-1001",
    }
    missing = {**field, "ownerId": "gid://shopify/Order/1"}
    refused = (await admin.data(write, m=[field, missing]))["metafieldsSet"]
    assert refused["userErrors"][0]["elementIndex"] == 1
    written = (await admin.data(write, m=[field]))["metafieldsSet"]["metafields"]
    again = (await admin.data(write, m=[{**field, "value": "G4C-1002"}]))["metafieldsSet"]["metafields"]
    assert written[0]["id"] == again[0]["id"]
    read = """query($id: ID!) { order(id: $id) {
      metafield(namespace: "syncledger", key: "supplier_order") { value }
      metafields(first: 5) { nodes { namespace key } } } }"""
    found = (await admin.data(read, id=order["admin_graphql_api_id"]))["order"]
    assert found["metafield"]["value"] == "G4C-1002"
    assert len(found["metafields"]["nodes"]) == 1
    assert receiver.requests == []


async def test_a_customers_tags_are_told_as_the_difference(admin: Admin, receiver: Receiver) -> None:
    kim = await admin.customer(email="kim@example.com", tags=["vip"], tell=False)
    add = "mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { userErrors { message } } }"
    await admin.data(add, id=kim["admin_graphql_api_id"], t=["vip", "klubb"])
    bodies = await told(receiver, "customer.tags_added", "customers/update")
    assert bodies["customer.tags_added"]["tags"] == ["klubb"]
    remove = add.replace("tagsAdd", "tagsRemove")
    await admin.data(remove, id=kim["admin_graphql_api_id"], t=["vip"])
    bodies = await told(
        receiver, "customer.tags_added", "customers/update", "customer.tags_removed", "customers/update"
    )
    assert bodies["customer.tags_removed"]["tags"] == ["vip"]


CREATE = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
    webhookSubscription { id topic uri } userErrors { field message } } }"""
URI = "https://syncledger.example/webhooks/shopify"


async def test_subscriptions_are_made_listed_and_deleted(admin: Admin) -> None:
    made = (await admin.data(CREATE, topic="ORDERS_UPDATED", uri=URI))["webhookSubscriptionCreate"]
    assert made["webhookSubscription"]["topic"] == "ORDERS_UPDATED"
    again = (await admin.data(CREATE, topic="ORDERS_UPDATED", uri=URI))["webhookSubscriptionCreate"]
    assert again["userErrors"][0]["message"] == "Address for this topic has already been taken"
    plain = await admin.data(CREATE, topic="ORDERS_PAID", uri="http://example.com/hooks")
    assert "valid URL" in plain["webhookSubscriptionCreate"]["userErrors"][0]["message"]
    listed = "{ webhookSubscriptions(first: 50) { nodes { id topic uri } } }"
    (kept,) = (await admin.data(listed))["webhookSubscriptions"]["nodes"]
    delete = """mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
      deletedWebhookSubscriptionId userErrors { message } } }"""
    gone = (await admin.data(delete, id=kept["id"]))["webhookSubscriptionDelete"]
    assert gone["deletedWebhookSubscriptionId"] == kept["id"]
    assert (await admin.data(listed))["webhookSubscriptions"]["nodes"] == []


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8081/hooks", "http://ingest:8081/hooks"])
async def test_what_is_near_may_be_told_without_tls(admin: Admin, uri: str) -> None:
    made = (await admin.data(CREATE, topic="ORDERS_PAID", uri=uri))["webhookSubscriptionCreate"]
    assert made["webhookSubscription"]["uri"] == uri


async def test_compliance_topics_cannot_be_subscribed(admin: Admin) -> None:
    body = await admin.ask(CREATE, topic="CUSTOMERS_REDACT", uri=URI)
    assert "CUSTOMERS_REDACT" in body["errors"][0]["message"]


async def test_enforced_subscriptions_decide_what_is_sent(admin: Admin, receiver: Receiver) -> None:
    await admin.control.patch("/admin", json={"enforce_subscriptions": True})
    await admin.data(CREATE, topic="ORDERS_PAID", uri=URI)
    await admin.order()
    await told(receiver, "orders/paid")
    dropped = await admin.control.delete("/subscriptions/orders/paid")
    assert [one["enum"] for one in dropped.json()["dropped"]] == ["ORDERS_PAID"]
    await admin.order()
    burst = {"count": 50, "rate": 5_000, "duplicates": 0, "topics": ["orders/create", "orders/updated"]}
    path = f"/bursts/{(await admin.control.post('/burst', json=burst)).json()['id']}"

    async def done() -> bool:
        return bool((await admin.control.get(path)).json()["done"])

    await eventually(done, what="a burst nobody is told of")
    assert topics(receiver) == ["orders/paid"]
    assert len((await admin.control.get(path)).json()["expectation"]["lost_webhook_ids"]) == 50


async def test_after_uninstalling_the_token_is_worth_nothing(admin: Admin, receiver: Receiver) -> None:
    await admin.control.post("/uninstall")
    bodies = await told(receiver, "app/uninstalled")
    assert bodies["app/uninstalled"]["myshopify_domain"] == admin.domain
    assert (await admin.post("{ shop { name } }")).status_code == 401
    await admin.control.post("/install", json={"access_token": "token-of-this-test"})
    assert (await admin.post("{ shop { name } }")).status_code == 200


async def test_another_currency_is_told_and_read(admin: Admin, receiver: Receiver) -> None:
    await admin.control.patch("/profile", json={"currency": "EUR"})
    assert (await told(receiver, "shop/update"))["shop/update"]["currency"] == "EUR"
    assert (await admin.data("{ shop { currencyCode } }"))["shop"]["currencyCode"] == "EUR"
