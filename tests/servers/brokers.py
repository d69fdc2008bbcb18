"""Virtual hosts for tests: lent, looked after and lent again, or made for the test that asks."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aio_pika

from devstack.rabbitmq_admin import Management
from shared.topology import queues

_WAITING_FIRST = sorted((queue.name for queue in queues()), key=lambda name: not name.startswith("wait."))


@dataclass(frozen=True)
class Broker:
    """Makes and deletes virtual hosts on the RabbitMQ at `url`."""

    url: str
    management: Management
    _spare: list[str] = field(default_factory=list)

    def create_vhost(self) -> str:
        """The address of a new virtual host."""
        name = f"test-{secrets.token_hex(6)}"
        self.management.create_vhost(name)
        return urlsplit(self.url)._replace(path=f"/{quote(name)}").geturl()

    def delete_vhost(self, url: str) -> None:
        """Deletes it with its queues and closes its connections."""
        self.management.delete_vhost(_name_of(url))

    async def lend(self) -> str:
        """One without messages and consumers, which may have the topology already; to be given back."""
        while len(self._spare) > 1:  # the one given back longest ago: what was under way there is over
            url = self._spare.pop(0)
            if await _is_emptied(url):
                return url
            self.delete_vhost(url)
        return self.create_vhost()

    def give_back(self, url: str) -> None:
        """Making twenty queues takes long, so they are kept; where any other was made, all are deleted."""
        if _is_as_declared(self.management.definitions(_name_of(url))):
            self._spare.append(url)
        else:
            self.delete_vhost(url)

    def close(self) -> None:
        """Deletes what is left of the lent ones."""
        while self._spare:
            self.delete_vhost(self._spare.pop())


def _name_of(url: str) -> str:
    return unquote(urlsplit(url).path.removeprefix("/"))


def _is_as_declared(definitions: dict[str, Any]) -> bool:
    bindings = {(b["source"], b["routing_key"], b["destination"]) for b in definitions["bindings"]}
    wanted = {(source, key, queue.name) for queue in queues() for source, key in queue.bindings}
    arguments = {queue["name"]: queue["arguments"] for queue in definitions["queues"]}
    return (
        bindings == wanted
        and arguments == {queue.name: queue.arguments for queue in queues()}
        and not definitions.get("policies")
    )


async def _is_emptied(url: str) -> bool:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        found = [await channel.get_queue(name) for name in _WAITING_FIRST]
        if any(queue.declaration_result.consumer_count for queue in found):
            return False
        if not (full := [queue for queue in found if queue.declaration_result.message_count]):
            return True
        for queue in full:
            await queue.purge()
        left = [await channel.get_queue(name) for name in _WAITING_FIRST]
        return not any(queue.declaration_result.message_count for queue in left)
