"""Virtual hosts, over RabbitMQ's management API."""

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from devstack.errors import StackError
from devstack.waiting import wait_until

_FULL_ACCESS = {"configure": ".*", "write": ".*", "read": ".*"}


@dataclass(frozen=True)
class Management:
    address: str
    user: str
    password: str

    def create_vhost(self, vhost: str) -> None:
        """Makes `vhost`, with full access for the user. Waits for the API, which opens later than AMQP."""
        if not wait_until(self._answers, timeout_s=30):
            raise StackError(f"RabbitMQ's management API at {self.address} does not answer user {self.user}.")
        self._call("PUT", f"vhosts/{quote(vhost, safe='')}", {"default_queue_type": "quorum"})
        self._call("PUT", f"permissions/{quote(vhost, safe='')}/{quote(self.user, safe='')}", _FULL_ACCESS)

    def delete_vhost(self, vhost: str) -> None:
        self._call("DELETE", f"vhosts/{quote(vhost, safe='')}")

    def version(self) -> str:
        """Of the server."""
        return str(json.loads(self._call("GET", "overview"))["rabbitmq_version"])

    def definitions(self, vhost: str) -> dict[str, Any]:
        """Its queues, exchanges, bindings and policies."""
        definitions: dict[str, Any] = json.loads(self._call("GET", f"definitions/{quote(vhost, safe='')}"))
        return definitions

    def _answers(self) -> bool:
        try:
            self._call("GET", "whoami")
        except OSError:
            return False
        return True

    def _call(self, method: str, path: str, body: object = None) -> bytes:
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            f"{self.address}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said: bytes = answer.read()
            return said
