"""Being a customer: made, changed and looked at by hand."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import count_parameter, json_answer, read_model
from sandbox.shopify.app import ShopifyShop
from sandbox.shopify.consent_body import email_consent_body, sms_consent_body
from sandbox.shopify.control import shop_of
from sandbox.shopify.customer_body import customer_body
from sandbox.shopify.customer_desk import Channel, Wish
from sandbox.shopify.entities import Customer

_PLAIN = ("first_name", "last_name", "email", "phone", "note", "state", "verified_email")


class CustomerChange(BaseModel):
    """What is left out stays (or is made up); consents are states in lower case; `tell` sends webhooks."""

    model_config = ConfigDict(extra="forbid")

    first_name: str | None = None
    last_name: str = ""
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    state: str = "disabled"
    verified_email: bool = True
    tags: list[str] | None = None
    email_consent: str | None = None
    sms_consent: str | None = None
    tell: bool = True

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _PLAIN if name in self.model_fields_set}


def _customer(request: Request) -> Customer:
    customer = shop_of(request).records.customers.get(request.path_params["customer_id"])
    if customer is None:
        raise HTTPException(404, "no such customer")
    return customer


def shown_customer(customer: Customer) -> dict[str, Any]:
    """The webhook's body, and what it leaves out."""
    consents = {**email_consent_body(customer), **sms_consent_body(customer)}
    return {
        **customer_body(customer),
        "tags": list(customer.tags),
        "orders_count": customer.orders,
        "email_marketing_consent": consents["email_marketing_consent"],
        "sms_marketing_consent": consents["sms_marketing_consent"],
    }


async def list_customers(request: Request) -> Response:
    """The last changed first."""
    kept = shop_of(request).records.customers.kept()[::-1]
    limit = count_parameter(request, "limit", default=50)
    return json_answer({"customers": [shown_customer(one) for one in kept[:limit]]})


async def show_customer(request: Request) -> Response:
    return json_answer(shown_customer(_customer(request)))


async def create_customer(request: Request) -> Response:
    shop, order = shop_of(request), await read_model(request, CustomerChange)
    customer = shop.customer_desk.create(order.plain(), tell=order.tell)
    return json_answer(shown_customer(_wished(shop, customer, order)), status=201)


async def change_customer(request: Request) -> Response:
    """As a buyer or the merchant would: each kind of change is told by its own topics."""
    shop, order = shop_of(request), await read_model(request, CustomerChange)
    customer, plain = _customer(request), order.plain()
    if plain:
        customer = shop.customer_desk.change(customer, plain, tell=order.tell)
    return json_answer(shown_customer(_wished(shop, customer, order)))


def _wished(shop: ShopifyShop, customer: Customer, order: CustomerChange) -> Customer:
    if order.tags is not None:
        customer = shop.customer_desk.tag(customer, tuple(order.tags), tell=order.tell)
    for channel, state in ((Channel.EMAIL, order.email_consent), (Channel.SMS, order.sms_consent)):
        if state is not None:
            wish = Wish(channel, state, source="SHOPIFY")
            customer = shop.customer_desk.wish(customer, wish, tell=order.tell)
    return customer


async def delete_customer(request: Request) -> Response:
    shop, order = shop_of(request), await read_model(request, CustomerChange)
    shop.customer_desk.delete(_customer(request), tell=order.tell)
    return Response(status_code=204)


def routes(prefix: str) -> list[Route]:
    one = f"{prefix}/customers/{{customer_id:int}}"
    return [
        Route(f"{prefix}/customers", list_customers, methods=["GET"]),
        Route(f"{prefix}/customers", create_customer, methods=["POST"]),
        Route(one, show_customer, methods=["GET"]),
        Route(one, change_customer, methods=["PATCH"]),
        Route(one, delete_customer, methods=["DELETE"]),
    ]
