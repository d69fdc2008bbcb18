"""The stream of events, taken up again whenever it breaks off."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from syncledger.clients.api import Api, Parameters
from syncledger.errors import Unreachable

ENDS_FOR_GOOD = frozenset({"no-access", "time-is-up"})


class Event(NamedTuple):
    """`text`: the data as it came."""

    name: str
    data: Any
    text: str
    id: str | None


class Events:
    """`patience`: how often in a row nobody may answer."""

    def __init__(self, api: Api, parameters: Parameters, *, patience: int = 5) -> None:
        self._api = api
        self._parameters = parameters
        self._patience = patience
        self._last_id: str | None = None

    def __iter__(self) -> Iterator[Event]:
        """Until the stream ends for good. Raises Refused, Unreachable."""
        failures = 0
        while failures <= self._patience:
            try:
                for event in self._stream():
                    failures = 0
                    yield event
                    if event.name == "end" and event.data["reason"] in ENDS_FOR_GOOD:
                        return
            except Unreachable:
                if failures == self._patience:
                    raise
            failures += 1
            self._api.wait(min(10.0, float(failures)))

    def _stream(self) -> Iterator[Event]:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        with self._api.streamed("/events", self._parameters, headers=headers) as response:
            for event in read(response.iter_lines()):
                self._last_id = event.id or self._last_id
                yield event


def read(lines: Iterator[str]) -> Iterator[Event]:
    """An event ends with an empty line; fields that are not known are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            text = fields["data"]
            yield Event(fields.get("event", "message"), json.loads(text), text, fields.get("id"))
            fields = {}
        else:
            fields = {}
