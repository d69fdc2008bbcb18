"""Steering the CRM's webhooks, and being a contact who changes their mind inside the CRM."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import InvalidInput, count_parameter, json_answer, json_object, read_model
from sandbox.engage.app import Engage
from sandbox.engage.contact_model import PREFERENCES, ContactFields, given_fields
from sandbox.engage.herald import HookSettings
from sandbox.engage.refusals import Refusal


def _engage(request: Request) -> Engage:
    engage: Engage = request.app.state.engage
    return engage


def _settings(engage: Engage) -> dict[str, Any]:
    return engage.herald.settings.model_dump(mode="json", exclude={"secret", "old_secret"})


async def show_settings(request: Request) -> Response:
    return json_answer(_settings(_engage(request)))


async def change_settings(request: Request) -> Response:
    """Change what the body names: shop, secret, old_secret, tenant, enabled, events."""
    engage = _engage(request)
    try:
        changed = {**engage.herald.settings.model_dump(), **await json_object(request)}
        engage.herald.settings = HookSettings.model_validate(changed)
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{e['loc']}: {e['msg']}" for e in error.errors())) from error
    return json_answer(_settings(engage))


async def set_preferences(request: Request) -> Response:
    """What a contact does in the CRM's own preference centre: `{"acceptsEmail": false}`."""
    wanted = await json_object(request)
    if not wanted or set(wanted) - set(PREFERENCES) or not all(isinstance(v, bool) for v in wanted.values()):
        raise InvalidInput(f"true or false for some of {list(PREFERENCES)}")
    return _patched(request, {"preferences": wanted})


async def change_contact(request: Request) -> Response:
    """Change any field inside the CRM, as its users do."""
    try:
        fields = given_fields(ContactFields.read(await json_object(request)))
    except Refusal as refusal:
        raise InvalidInput(str(refusal)) from refusal
    return _patched(request, fields)


def _patched(request: Request, fields: dict[str, Any]) -> Response:
    try:
        return json_answer(_engage(request).book.contacts.patch(request.path_params["contact_id"], fields))
    except Refusal as refusal:
        return refusal.answer()


class SingleEvent(BaseModel):
    """`headers` replaces headers by name, null leaves one out; `late_s` shifts the time it claims."""

    model_config = ConfigDict(extra="forbid")

    event: str
    payload: Any = Field(default_factory=dict)
    raw: str | None = None
    encrypted: bool = False
    late_s: int = 0
    headers: dict[str, str | None] = Field(default_factory=dict)
    times: int = Field(default=1, ge=1, le=1_000)


async def send(request: Request) -> Response:
    """Sign and send one event now, without retries; 200 with each attempt's answer."""
    engage, order = _engage(request), await read_model(request, SingleEvent)
    made = engage.herald.message(order.event, order.payload, encrypted=order.encrypted, late_s=order.late_s)
    overrides = {name.lower(): value for name, value in order.headers.items()}
    body = made.body if order.raw is None else order.raw.encode()
    message = replace(made, body=body, overrides=overrides)
    answers = await engage.herald.courier.post(message, times=order.times)
    return json_answer({"webhook_id": message.webhook_id, "answers": answers})


async def list_deliveries(request: Request) -> Response:
    limit = count_parameter(request, "limit", default=100)
    return json_answer({"deliveries": _engage(request).ledger.last(limit)})


async def show_stats(request: Request) -> Response:
    engage = _engage(request)
    return json_answer({**engage.ledger.describe(), "pending": engage.herald.courier.pending})


_HOOKS = "/control/engage/webhooks"
ROUTES = [
    Route(_HOOKS, show_settings, methods=["GET"]),
    Route(_HOOKS, change_settings, methods=["PATCH"]),
    Route(f"{_HOOKS}/send", send, methods=["POST"]),
    Route(f"{_HOOKS}/deliveries", list_deliveries, methods=["GET"]),
    Route(f"{_HOOKS}/stats", show_stats, methods=["GET"]),
    Route("/control/engage/contacts/{contact_id}", change_contact, methods=["PATCH"]),
    Route("/control/engage/contacts/{contact_id}/preferences", set_preferences, methods=["POST"]),
]
