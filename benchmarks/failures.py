"""Made-up failures: some kinds are frequent, as they are."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

_WHAT = (
    ("authentication", 401, "The credentials are refused"),
    ("rate_limit", 429, "The limit of calls is used up"),
    ("connection", None, "The connection broke before an answer came"),
    ("timeout", None, "There was no answer in time"),
    ("not_found", 404, "The other side does not know this order"),
    ("validation", 422, "The postal code does not belong to the country"),
)
_WHERE = (
    "SyncContact, PUT contact",
    "SyncOrder, POST receipt",
    "WritebackShipment, POST fulfillment",
    "PublishOrder",
)

FAILURES: Sequence[Mapping[str, Any]] = [
    {
        "kind": kind,
        "message": f"{message} ({place.split(',')[0]})",
        "place": place,
        "remedy": "Look at the account's settings, then retry",
        "fingerprint": f"made-up-{kind}-{number:02}",
    }
    | ({"http_status": status, "response_excerpt": f'{{"error": "{kind}"}}'} if status else {})
    for number, ((kind, status, message), place) in enumerate(product(_WHAT, _WHERE))
]
