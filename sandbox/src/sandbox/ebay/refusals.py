"""What eBay's REST interface refuses, in its numbers."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.answers import json_answer

_MESSAGES = {
    1001: "Invalid access token",
    1100: "Access denied",
    30500: "System error",
    30700: "Invalid filter",
    30800: "Invalid parameter",
    32100: "Invalid order ID",
    32200: "Invalid line item ID",
    32210: "The line item ID is duplicated in the request",
    32300: "Invalid shipment tracking number or carrier",
    32400: "The user is suspended",
    32500: "Invalid shipped date",
    32600: "Invalid input",
    34100: "The number of tracking numbers exceeds the limit",
    34500: "Use PUT to change an existing fulfillment",
}


class Refusal(Exception):
    """`parameters`: names and values the error is about."""

    def __init__(self, error_id: int, status: int = 400, **parameters: Any) -> None:
        super().__init__(error_id)
        self.error_id = error_id
        self.status = status
        self.parameters = [{"name": name, "value": str(value)} for name, value in parameters.items()]


def told(code: str) -> dict[str, Any]:
    """An injected failure in eBay's words."""
    return _content(30500, f"injected by the sandbox: {code}", "APPLICATION", [])


async def refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    category = "APPLICATION" if error.status >= 500 else "REQUEST"
    content = _content(error.error_id, _MESSAGES[error.error_id], category, error.parameters)
    return json_answer(content, status=error.status)


def _content(error_id: int, message: str, category: str, parameters: list[dict[str, str]]) -> dict[str, Any]:
    told = {"errorId": error_id, "domain": "API_FULFILLMENT", "category": category}
    words = {"message": message, "longMessage": message, "inputRefIds": [], "parameters": parameters}
    return {"errors": [{**told, **words}]}
