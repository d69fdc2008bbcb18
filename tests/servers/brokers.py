"""Virtual hosts for tests: one for each test that asks."""

import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from devstack.rabbitmq_admin import Management


@dataclass(frozen=True)
class Broker:
    """Makes and deletes virtual hosts on the RabbitMQ at `url`."""

    url: str
    management: Management

    def create_vhost(self) -> str:
        """The address of a new virtual host."""
        name = f"test-{secrets.token_hex(6)}"
        self.management.create_vhost(name)
        return urlsplit(self.url)._replace(path=f"/{quote(name)}").geturl()

    def delete_vhost(self, url: str) -> None:
        """Deletes it with its queues and closes its connections."""
        self.management.delete_vhost(urlsplit(url).path.removeprefix("/"))
