"""The API over HTTP: answers as data, refusals as sentences."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx

from syncledger.configuration import Access
from syncledger.errors import Refused, Unreachable

PREFIX = "/api/v1"
TIMEOUT = httpx.Timeout(30, connect=10)
BUSY = frozenset({429, 503})
TRIES = 4
LONGEST_WAIT_S = 30.0
Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is the answer as it came, `body` what it says."""

    text: str
    body: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class Api:
    """`wait`: what is done while the server wants to be left alone for some seconds."""

    def __init__(self, access: Access, *, wait: Callable[[float], None] = time.sleep) -> None:
        headers = {"Authorization": f"Bearer {access.token}", "User-Agent": "syncledger-cli"}
        self._url = access.url
        self.wait = wait
        self._client = httpx.Client(base_url=access.url + PREFIX, headers=headers, timeout=TIMEOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        """Raises Refused, Unreachable. Asks again when the server is busy."""
        for _ in range(TRIES):
            response = self._sent("GET", path, parameters)
            if response.status_code not in BUSY:
                return _answer(response)
            self.wait(_wait_s(response))
        return _answer(self._sent("GET", path, parameters))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Raises Refused, Unreachable. Asks again only when the server said that it did nothing. The key
        tells it that a repeat is the same request."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        response = self._sent("POST", path, json=dict(body or {}), headers=headers)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self.wait(_wait_s(response))
            response = self._sent("POST", path, json=dict(body or {}), headers=headers)
        return _answer(response)

    def pages(self, path: str, parameters: Parameters) -> Iterator[Answer]:
        """Every page of a list, by its cursors."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, {**parameters, **cursor})
            yield page
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    @contextmanager
    def streamed(
        self, path: str, parameters: Parameters | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """An answer that is read piece by piece. Raises Refused, Unreachable."""
        address = path.removeprefix(PREFIX)
        with (
            self._reached(),
            self._client.stream("GET", address, params=_given(parameters), headers=headers) as response,
        ):
            if not response.is_success:
                response.read()
                _answer(response)
            yield response

    def _sent(
        self, method: str, path: str, parameters: Parameters | None = None, **more: Any
    ) -> httpx.Response:
        with self._reached():
            return self._client.request(method, path, params=_given(parameters), **more)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"Syncledger does not answer at {self._url}: {reason}") from error


def _given(parameters: Parameters | None) -> dict[str, Any]:
    return {name: value for name, value in (parameters or {}).items() if value not in (None, [], ())}


def _wait_s(response: httpx.Response) -> float:
    try:
        return min(LONGEST_WAIT_S, max(0.0, float(response.headers.get("Retry-After", 1))))
    except ValueError:
        return 1.0


def _answer(response: httpx.Response) -> Answer:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        answered = f"{response.url.host} answered {response.status_code}, but not as Syncledger does."
        raise Unreachable(f"{answered} Check the address.")
    if not response.is_success:
        raise Refused(
            str(body.get("detail") or f"Syncledger answered {response.status_code}."), response.status_code
        )
    return Answer(response.text, body)
