"""An account as a form has it: options of suppliers one by one, whatever else as JSON. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from query_api.account_kinds import KINDS, SUPPLIER
from query_api.console.accounts.words import INTERVALS, SWITCHES
from query_api.problems import invalid


def credential_names(kind: str) -> list[tuple[str, bool]]:
    """Each credential of the kind, and whether it has to be there."""
    known = KINDS[kind]
    return [*((name, True) for name in known.required), *((name, False) for name in known.optional)]


def other_settings(kind: str, settings: Mapping[str, Any]) -> str:
    """What has no field of its own, as text to edit."""
    own = {*SWITCHES, *INTERVALS} if kind == SUPPLIER.name else set()
    return json.dumps({name: value for name, value in settings.items() if name not in own}, indent=2)


def settings_of(kind: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Raises Problem naming the field."""
    settings = _json_of(form.get("settings", ""))
    if kind == SUPPLIER.name:
        settings |= {name: name in form for name in SWITCHES}
        settings |= {name: _whole(name, form[name]) for name in INTERVALS if form.get(name, "").strip()}
    return settings


def credentials_of(kind: str, form: Mapping[str, str]) -> dict[str, str]:
    """Those that were entered: an empty field leaves what there is."""
    entered = {name: form.get(f"credentials.{name}", "").strip() for name, _ in credential_names(kind)}
    return {name: value for name, value in entered.items() if value}


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """As the API takes a change: what was taken out is null."""
    gone = {name: None for name in before if name not in after}
    return gone | {name: value for name, value in after.items() if before.get(name, _NOTHING) != value}


_NOTHING = object()


def _json_of(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise invalid("settings", f"This is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise invalid("settings", 'Settings are an object, such as {"retry_policy": "…"}.')
    return found


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise invalid(f"settings.{name}", f"{text!r} is no whole number.") from None
