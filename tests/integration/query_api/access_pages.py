"""Who may look at which of the console's pages, and send which of its forms. As in `access_rows.py`.

Who is not signed in is led to sign in; other shops' things are not there. The body of a form is its fields:
whoever may not send it is told so, by a page or by a notice on the page that it leads back to.
"""

from tests.integration.query_api.access_rows import ADMIN, OF_SHOP, OPERATOR, VIEWER, Row, act, get, passing_over

PAGES = [
    get("/"),
    get("/", query=OF_SHOP),
    get("/live", query={"seconds": "0"}),
    get("/tasks/{task_id}", task_id="{task}"),
    get("/tasks/{task_id}/payloads/{place}", OPERATOR, task_id="{task}", place="1.0.received"),
    get("/orders"),
    get("/orders/{order}", order="{order_number}"),
    get("/operations"),
    get("/operations/{operation_id}", operation_id="{operation}"),
    get("/operations/plan", OPERATOR, query={"kind": "retry", "all": "1"}),
    get("/operations/plan", OPERATOR, query={"kind": "retry", "ids": "{task}"}),
    get("/alerts"),
    get("/alerts", query=OF_SHOP),
    get("/alerts/settings"),
    get("/alerts/settings/{domain}", domain="{domain}"),
    get("/alerts/{alert_id}", alert_id="{alert}"),
    get("/imports"),
    get("/imports", query=OF_SHOP),
    get("/imports/{import_id}", import_id="{import}"),
    get("/shipments"),
    get("/shipments", query=OF_SHOP),
    get("/shipments.csv"),
    get("/shipments.csv", query=OF_SHOP),
    get("/shipments/sync", OPERATOR),
    get("/shipments/sync", OPERATOR, query=OF_SHOP),
    get("/shipments/{shipment_id}", shipment_id="{shipment}"),
    get("/connections"),
    get("/connections", query=OF_SHOP),
    get("/connections/{account_id}", account_id="{account}"),
]
FORMS: list[Row] = [
    act("POST /tasks/{task_id}/retry", OPERATOR, {}, task_id="{task}"),
    act("POST /operations/plan", OPERATOR, {"kind": "retry", "ids": "{task}"}),
    passing_over(act("POST /operations", OPERATOR, {"kind": "retry", "ids": "{task}"})),
    act("POST /operations/{operation_id}/{deed}", OPERATOR, {}, operation_id="{operation}", deed="abort"),
    act("POST /alerts/{alert_id}/acknowledge", OPERATOR, {"note": "x"}, alert_id="{alert}"),
    act("POST /alerts/{alert_id}/mute", OPERATOR, {"minutes": "5"}, alert_id="{alert}"),
    act("POST /alerts/{alert_id}/unmute", OPERATOR, {}, alert_id="{alert}"),
    act("POST /alerts/settings/{domain}", ADMIN, {}, domain="{domain}"),
    act("POST /alerts/settings/{domain}", VIEWER, {"try": "1"}, domain="{domain}"),
    act("POST /alerts/settings/{domain}/test", OPERATOR, {}, domain="{domain}"),
    act("POST /imports", OPERATOR, {"shop": "{domain}", "kinds": "orders"}),
    act("POST /imports/{import_id}/stop", OPERATOR, {}, import_id="{import}"),
    act("POST /shipments/sync/plan", OPERATOR, {"ids": "{shipment}"}),
    act("POST /shipments/sync", OPERATOR, {"which": "ticked", "ids": "{shipment}"}),
    act("POST /shipments/{shipment_id}/done-by-hand", OPERATOR, {}, shipment_id="{shipment}"),
    act("POST /shipments/{shipment_id}/sync", OPERATOR, {}, shipment_id="{shipment}"),
    act("POST /connections/{account_id}/update", OPERATOR, {}, account_id="{account}"),
]
