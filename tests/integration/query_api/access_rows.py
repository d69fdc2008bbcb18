"""Who may ask what: one row for each route. A route without a row here fails `test_access_matrix.py`.

In `path`, `query` and `body`, words in braces stand for the things of a shop, as `shop_things.py` makes them.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from query_api.auth import Role
from tests.integration.query_api.supplying import new_account

VIEWER, OPERATOR, ADMIN = Role.VIEWER, Role.OPERATOR, Role.ADMIN
Json = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """`least`: the first role that may. With things of another shop it answers as if there were none;
    `passes_over`: that is not a refusal, but leaving them out. `needs_all_shops`: nobody with some may."""

    method: str
    route: str
    least: Role
    path: Json = field(default_factory=dict)
    query: Json = field(default_factory=dict)
    body: Json | None = None
    passes_over: bool = False
    needs_all_shops: bool = False

    @property
    def asked(self) -> str:
        return f"{self.path}{self.query}{self.body}"

    @property
    def refuses_foreign(self) -> bool:
        return self.method != "GET" and not self.passes_over


def get(route: str, least: Role = VIEWER, *, query: Json | None = None, **path: str) -> Row:
    return Row("GET", route, least, path, query or {})


def act(
    verb_and_route: str, least: Role, body: Json | None = None, *, query: Json | None = None, **path: str
) -> Row:
    method, route = verb_and_route.split()
    return Row(method, route, least, path, query or {}, body)


def passing_over(row: Row) -> Row:
    return replace(row, passes_over=True)


OF_SHOP = {"shop": "{domain}"}
OF_SHOP_LIST = {"shop": ["{domain}"]}
SETTINGS: Json = {"settings": {}}

READING = [
    get("/tasks"),
    get("/tasks", query=OF_SHOP),
    get("/tasks", query={"account": "{account}"}),
    get("/tasks", query={"parent_id": "{task}"}),
    get("/tasks", query={"order_number": "{order_number}"}),
    get("/tasks", query={"q": "{order_number}"}),
    get("/tasks/count"),
    get("/tasks/count", query=OF_SHOP),
    get("/tasks/export"),
    get("/tasks/export", query=OF_SHOP),
    get("/tasks/{task_id}", task_id="{task}"),
    get("/tasks/{task_id}/events", task_id="{task}"),
    get("/tasks/{task_id}/tree", task_id="{task}"),
    get("/tasks/{task_id}/payloads", OPERATOR, task_id="{task}"),
    get("/tasks/{task_id}/payloads/{place}", OPERATOR, task_id="{task}", place="1.0.received"),
    get("/events", query={"seconds": "0"}),
    get("/events", query=OF_SHOP | {"seconds": "0"}),
    get("/stats"),
    get("/stats", query=OF_SHOP),
    *(
        get(f"/stats/{what}", query=query)
        for what in ("series", "types", "accounts", "suppliers")
        for query in ({}, OF_SHOP, {"account": "{account}"})
    ),
    get("/failures"),
    get("/failures", query=OF_SHOP),
    get("/failures", query={"account": "{account}"}),
    get("/failures/{fingerprint}", fingerprint="{fingerprint}"),
    get("/rejections"),
    get("/rejections", query=OF_SHOP),
    get("/rejections/kinds"),
    get("/rejections/kinds", query=OF_SHOP),
    get("/missed-webhooks"),
    get("/missed-webhooks", query=OF_SHOP),
    get("/shops"),
    get("/shops/{domain}", domain="{domain}"),
    get("/accounts"),
    get("/accounts", query=OF_SHOP),
    get("/accounts/{account_id}", account_id="{account}"),
    get("/operations"),
    get("/operations/{operation_id}", operation_id="{operation}"),
    get("/operations/{operation_id}/file", operation_id="{operation}"),
    get("/runs"),
    get("/runs", query=OF_SHOP),
    get("/imports"),
    get("/imports", query=OF_SHOP),
    get("/imports/{import_id}", import_id="{import}"),
    get("/imports/{import_id}/failures", import_id="{import}"),
    get("/connections"),
    get("/connections", query=OF_SHOP),
    get("/connections/{account_id}/history", account_id="{account}"),
    get("/shipments"),
    get("/shipments", query=OF_SHOP),
    get("/shipments.csv"),
    get("/shipments.csv", query=OF_SHOP),
    get("/shipments/{shipment_id}", shipment_id="{shipment}"),
    get("/orders"),
    get("/orders", query=OF_SHOP),
    get("/orders/{order}/timeline", order="{order_number}"),
    get("/alerts"),
    get("/alerts", query=OF_SHOP),
    get("/alerts/{alert_id}", alert_id="{alert}"),
    get("/alerts/settings", query=OF_SHOP),
    get("/alerts/would-fire", query=OF_SHOP),
    get("/alerts/proofs", query=OF_SHOP),
    get("/alerts/suggestion", query=OF_SHOP),
    get("/privacy-requests", ADMIN),
    get("/privacy-requests/{request_id}/export", ADMIN, request_id="{request}"),
    get("/retention", query=OF_SHOP),
    get("/me"),
    get("/audit", ADMIN),
    get("/audit", ADMIN, query=OF_SHOP),
    get("/tokens", ADMIN),
    get("/tokens", ADMIN, query={"signed_in": "true"}),
    get("/tokens/{token_id}", ADMIN, token_id="{token}"),
]

ACTING = [
    act("POST /accounts", ADMIN, new_account(shop="{domain}", name="Another")),
    act("PATCH /accounts/{account_id}", ADMIN, {"is_active": True}, account_id="{account}"),
    act("POST /accounts/{account_id}/test", OPERATOR, account_id="{account}"),
    act("POST /actions/publish-all-orders", OPERATOR, {"account_id": "{account}"}),
    act("POST /actions/publish-all-orders", OPERATOR, OF_SHOP),
    act("POST /actions/fetch-all-orders", OPERATOR, {"account_id": "{account}"}),
    act("POST /actions/fetch-all-products", OPERATOR, {"account_id": "{account}"}),
    act("POST /connections/{account_id}/update", OPERATOR, account_id="{account}"),
    act("POST /imports", OPERATOR, OF_SHOP),
    act("POST /imports/{import_id}/stop", OPERATOR, import_id="{import}"),
    passing_over(act("POST /shipments/sync", OPERATOR, {"ids": ["{shipment}"]})),
    act("POST /shipments/{shipment_id}/sync", OPERATOR, shipment_id="{shipment}"),
    act("POST /shipments/{shipment_id}/done-by-hand", OPERATOR, shipment_id="{shipment}"),
    act("POST /tasks/export", VIEWER, {"filter": OF_SHOP_LIST}),
    act("POST /failures/{fingerprint}/resolve", OPERATOR, fingerprint="{fingerprint}"),
    act("POST /failures/{fingerprint}/reopen", OPERATOR, fingerprint="{fingerprint}"),
    act("POST /tasks/{task_id}/retry", OPERATOR, {}, task_id="{task}"),
    act("POST /tasks/{task_id}/cancel", OPERATOR, task_id="{task}"),
    act("DELETE /tasks/{task_id}", ADMIN, task_id="{done}"),
    act("POST /operations", OPERATOR, {"kind": "retry", "filter": OF_SHOP_LIST}),
    passing_over(act("POST /operations", OPERATOR, {"kind": "retry", "ids": ["{task}"], "dry_run": True})),
    act("POST /operations/{operation_id}/pause", OPERATOR, operation_id="{operation}"),
    act("POST /operations/{operation_id}/resume", OPERATOR, operation_id="{operation}"),
    act("POST /operations/{operation_id}/abort", OPERATOR, operation_id="{operation}"),
    act("PUT /alerts/settings", ADMIN, SETTINGS, query=OF_SHOP),
    act("POST /alerts/test", OPERATOR, {}, query=OF_SHOP),
    act("POST /alerts/would-fire", VIEWER, SETTINGS, query=OF_SHOP),
    act("POST /alerts/{alert_id}/acknowledge", OPERATOR, {}, alert_id="{alert}"),
    act("POST /alerts/{alert_id}/mute", OPERATOR, {"minutes": 5}, alert_id="{alert}"),
    act("POST /alerts/{alert_id}/unmute", OPERATOR, alert_id="{alert}"),
    act("PATCH /shops/{domain}", ADMIN, {"timezone": "UTC"}, domain="{domain}"),
    act("PUT /retention", ADMIN, {"payload_days": 7}, query=OF_SHOP),
    passing_over(act("POST /me/sign-out", VIEWER)),
    act("POST /tokens", ADMIN, {"name": "n", "role": "viewer", "shops": ["{domain}"]}),
    act("POST /tokens/{token_id}/sign-out", ADMIN, token_id="{token}"),
    act("POST /tokens/{token_id}/revoke", ADMIN, token_id="{token}"),
]

SHOP: Json = {"domain": "new.example", "name": "N", "email": "n@new.example", "webhook_secret": "s"}
FOR_ALL_SHOPS = [replace(act("POST /shops", ADMIN, SHOP), needs_all_shops=True)]

ROWS = [*READING, *FOR_ALL_SHOPS, *ACTING]

# What anybody may open: it shows nothing, or decides by itself who may go on.
OPEN = {
    "GET /sign-in",
    "POST /sign-in",
    "POST /sign-out",
    "GET /sign-in/oidc",
    "GET /sign-in/oidc/callback",
    "GET /api/v1/openapi.json",
    "GET /livez",
    "GET /readyz",
    "GET /metrics",
}
# For whom it is does not matter: it is about the browser that sends it.
OF_ONESELF = {"POST /sign-out-everywhere"}
