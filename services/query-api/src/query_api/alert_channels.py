"""A shop's channels as they were and as they are wanted. Pure.

Addresses and secrets are never shown, so whoever changes channels leaves out what is to stay as it is.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.alerts.channels import CHANNEL, MOST_CHANNELS, Channel
from shared.faults import faults_of

FIELD = "channels"


class Unusable(Exception):
    """`faults`: by field, what is wrong with it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {text}." for name, text in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class WantedChannel:
    """`url`, `secret` None: as the channel of this kind and name has them."""

    kind: str
    name: str
    url: str | None
    secret: str | None


def merged(wanted: Sequence[WantedChannel], stored: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels from now on. Raises Unusable."""
    if len(wanted) > MOST_CHANNELS:
        raise Unusable({FIELD: f"has to be {MOST_CHANNELS} channels at most"})
    known: dict[tuple[str, str], dict[str, Any]] = {(one.kind, one.name): one.model_dump() for one in stored}
    found: list[Channel] = []
    faults: dict[str, str] = {}
    for place, one in enumerate(wanted):
        before = known.get((one.kind, one.name.strip()), {})
        try:
            found.append(CHANNEL.validate_python(before | _given(one)))
        except ValidationError as error:
            faults |= {f"{FIELD}.{place}.{name}": text for name, text in _faults(error).items()}
    if not faults:
        faults = _twice(found)
    if faults:
        raise Unusable(faults)
    return tuple(found)


def changes(before: Sequence[Channel], after: Sequence[Channel]) -> Mapping[str, list[str]]:
    """Which channels came, went and are different, as `kind name`."""
    was, became = ({f"{one.kind} {one.name}": one for one in channels} for channels in (before, after))
    told = {
        "added": [name for name in became if name not in was],
        "removed": [name for name in was if name not in became],
        "changed": [name for name in became if name in was and became[name] != was[name]],
    }
    return {what: names for what, names in told.items() if names}


def _given(one: WantedChannel) -> dict[str, Any]:
    fields = {"kind": one.kind, "name": one.name, "url": one.url, "secret": one.secret}
    return {name: value for name, value in fields.items() if value is not None}


def _faults(error: ValidationError) -> Mapping[str, str]:
    """Without the kind, which pydantic puts before the fields of one kind."""
    return faults_of(error, lambda location: str(location[-1]) if len(location) > 1 else "kind")


def _twice(channels: Sequence[Channel]) -> dict[str, str]:
    names = Counter((one.kind, one.name) for one in channels)
    return {
        f"{FIELD}.{place}.name": "is another channel's already"
        for place, one in enumerate(channels)
        if names[one.kind, one.name] > 1
    }
