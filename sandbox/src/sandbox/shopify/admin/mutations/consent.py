"""Marketing consent: which states may be written, and what a customer must have for it."""

from typing import Any

from sandbox.shopify.admin.context import Args, Context
from sandbox.shopify.admin.fields.field_readers import Fields, payload, refused
from sandbox.shopify.admin.finding import by_gid
from sandbox.shopify.admin.values import Problem
from sandbox.shopify.customer_desk import Channel, Wish

_SETTABLE = frozenset({"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"})
_ADDRESS = {Channel.EMAIL: "an email address", Channel.SMS: "a phone number"}


def _update(channel: Channel, consent_name: str) -> Any:
    def update(_root: Any, ctx: Context, args: Args) -> Any:
        given = args["input"]
        customer = by_gid(ctx.shop.records.customers, "Customer", given["customerId"])
        if customer is None:
            return refused(Problem("Customer not found", ["input", "customerId"], "INVALID"))
        consent = given[consent_name]
        place = ["input", consent_name, "marketingState"]
        if consent["marketingState"] not in _SETTABLE:
            message = f"Cannot specify {consent['marketingState']} as a marketing state input"
            return refused(Problem(message, place, "INVALID"))
        if not (customer.email if channel is Channel.EMAIL else customer.phone):
            message = f"The customer must have {_ADDRESS[channel]} to set this consent"
            return refused(Problem(message, ["input", consent_name], "INVALID"))
        wish = Wish(
            channel,
            consent["marketingState"].lower(),
            opt_in_level=(consent.get("marketingOptInLevel") or "").lower() or None,
            at=consent.get("consentUpdatedAt"),
        )
        return {"customer": ctx.shop.customer_desk.wish(customer, wish)}

    return update


FIELDS: Fields = {
    "Mutation": {
        "customerEmailMarketingConsentUpdate": _update(Channel.EMAIL, "emailMarketingConsent"),
        "customerSmsMarketingConsentUpdate": _update(Channel.SMS, "smsMarketingConsent"),
    },
    "CustomerEmailMarketingConsentUpdatePayload": payload(customer="customer"),
    "CustomerSmsMarketingConsentUpdatePayload": payload(customer="customer"),
}
