"""A shop's alert settings as a form holds them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from query_api.console.entered import checked
from query_api.problems import Problem
from query_api.repository.alert_settings import ShopSettings
from query_api.schemas.alert_settings import AlertSettingsIn
from shared.alerts.channels import MOST_CHANNELS
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


@dataclass(frozen=True, slots=True)
class _Row:
    """A channel as the form has it; its fields' names hold `place`. `url`, `secret` None: as they are."""

    place: str
    kind: str
    name: str
    url: str | None
    secret: str | None


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
        return checked(AlertSettingsIn, {"settings": settings, "channels": _channels(form, stored)})
    except Problem as problem:
        for one in problem.errors:
            one.field = one.field.removeprefix("settings.")
        raise


def in_the_form(problem: Problem, form: FormData, stored: ShopSettings) -> Problem:
    """With the names the form's rows have: a channel to be removed is none of those that were wanted."""
    rows = _rows(form, stored)
    for one in problem.errors:
        what, *place = one.field.split(".")
        if what == "channels" and len(place) > 1 and place[0].isdigit():
            one.field = ".".join([what, rows[int(place[0])].place, *place[1:]])
    return problem


def limits(name: str) -> dict[str, Any]:
    """The smallest and the largest value of a setting."""
    found: dict[str, Any] = {}
    for constraint in AlertSettings.model_fields[name].metadata:
        found |= {limit: getattr(constraint, limit) for limit in _LIMITS if hasattr(constraint, limit)}
    return {"min": found.get("ge", 0), "max": found["le"]}


def _channels(form: FormData, stored: ShopSettings) -> list[dict[str, str | None]] | None:
    """None: they stay as they are."""
    rows = _rows(form, stored)
    is_touched = len(rows) != len(stored.channels or ()) or any(row.url or row.secret for row in rows)
    if not is_touched:
        return None
    return [{"kind": row.kind, "name": row.name, "url": row.url, "secret": row.secret} for row in rows]


def _rows(form: FormData, stored: ShopSettings) -> list[_Row]:
    """The channels from now on. Those there are go by kind and name, whatever others did meanwhile."""
    shown = {(row.kind, row.name): row for row in (_row(form, str(n)) for n in range(MOST_CHANNELS))}
    kept = [
        shown.get((one.kind, one.name), _Row("kept", one.kind, one.name, None, None))
        for one in stored.channels or ()
    ]
    new = _row(form, NEW)
    remaining = [row for row in kept if f"remove.{row.place}" not in form]
    return [*remaining, new] if new.name or new.url else remaining


def _row(form: FormData, place: str) -> _Row:
    kind, name, url, secret = (
        str(form.get(f"channels.{place}.{field}", "")).strip() for field in ("kind", "name", "url", "secret")
    )
    return _Row(place, kind, name, url or None, secret or None)
