"""A shop's alert settings as a form holds them. Pure."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from query_api.console.entered import checked
from query_api.problems import Problem
from query_api.repository.alert_settings import ShopSettings
from query_api.schemas.alert_settings import AlertSettingsIn
from shared.alerts.settings import AlertSettings
from shared.alerts.suggestion import Suggestion

ADDRESSES = "extra_addresses"
SWITCHES = ("silence_is_watched", "new_failures")
NUMBERS = (
    *("silence_minutes", "error_rate_percent", "error_rate_minutes", "error_rate_min_tasks"),
    *("red_minutes", "queued_minutes", "reminder_minutes"),
)
TIMES = ("window_opens", "window_closes")
NEW = "new"
_LIMITS = ("gt", "ge", "le")

Values = Mapping[str, Any]


def values_of(settings: AlertSettings) -> dict[str, Any]:
    """As the fields show them."""
    stored = settings.model_dump(mode="json")
    numbers = {
        name: f"{stored[name]:g}" if isinstance(stored[name], float) else stored[name] for name in NUMBERS
    }
    return {**stored, **numbers, ADDRESSES: "\n".join(stored[ADDRESSES])}


def entered(form: FormData) -> dict[str, Any]:
    """What somebody entered, whether it can be used or not."""
    texts = {name: str(form.get(name, "")).strip() for name in (*NUMBERS, *TIMES, ADDRESSES)}
    return {**texts, **{name: name in form for name in SWITCHES}}


def with_suggestion(values: Values, suggestion: Suggestion) -> dict[str, Any]:
    hours = {name: f"{getattr(suggestion, name):%H:%M}" for name in TIMES}
    return {**values, **hours, "silence_minutes": suggestion.silence_minutes, "silence_is_watched": True}


def wanted(form: FormData, stored: ShopSettings) -> AlertSettingsIn:
    """Raises Problem, whose errors name the form's fields."""
    values = entered(form)
    settings = values | {ADDRESSES: values[ADDRESSES].replace(",", "\n").split()}
    try:
        return checked(AlertSettingsIn, {"settings": settings, "channels": wanted_channels(form, stored)})
    except Problem as problem:
        for one in problem.errors:
            one.field = one.field.removeprefix("settings.")
        raise


def wanted_channels(form: FormData, stored: ShopSettings) -> list[dict[str, str | None]] | None:
    """None: they stay as they are, whatever others do about them meanwhile."""
    rows = [place for place in _places(stored) if f"remove.{place}" not in form]
    if _field(form, NEW, "name") or _field(form, NEW, "url"):
        rows.append(NEW)
    is_changed = len(rows) != len(_places(stored)) or any(
        _field(form, place, name) for place in rows for name in ("url", "secret")
    )
    if not is_changed or (stored.channels is None and rows == []):
        return None
    return [_channel(form, place) for place in rows]


def in_the_form(problem: Problem, form: FormData, stored: ShopSettings) -> Problem:
    """With the names the form's rows have: a row that is removed is none of the channels that were wanted."""
    rows = [*(place for place in _places(stored) if f"remove.{place}" not in form), NEW]
    for one in problem.errors:
        what, *place = one.field.split(".")
        if what == "channels" and len(place) > 1 and place[0].isdigit():
            one.field = ".".join([what, rows[int(place[0])], *place[1:]])
    return problem


def limits(name: str) -> dict[str, Any]:
    """The smallest and the largest value of a setting."""
    found: dict[str, Any] = {}
    for constraint in AlertSettings.model_fields[name].metadata:
        found |= {limit: getattr(constraint, limit) for limit in _LIMITS if hasattr(constraint, limit)}
    return {"min": found.get("ge", 0), "max": found["le"]}


def _places(stored: ShopSettings) -> list[str]:
    return [str(place) for place in range(len(stored.channels or ()))]


def _channel(form: FormData, place: str) -> dict[str, str | None]:
    fields: dict[str, str | None] = {name: _field(form, place, name) for name in ("kind", "name")}
    return fields | {name: _field(form, place, name) or None for name in ("url", "secret")}


def _field(form: FormData, place: str, name: str) -> str:
    return str(form.get(f"channels.{place}.{name}", "")).strip()
