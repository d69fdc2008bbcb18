"""A shop that alerting watches, on real servers."""

import socket
from collections.abc import AsyncIterator

import pytest
from cryptography.fernet import Fernet

from sandbox.mail.catcher import Mailbox, listening
from shared.clients.http import build_http_client
from shared.envelope import utc_now
from shared.vault import Vault
from tests.integration.alerting.watching import HELPER, OWNER, Watching
from tests.workers import open_world


@pytest.fixture
async def watching(database_url: str, rabbitmq_url: str) -> AsyncIterator[Watching]:
    vault, mailbox = Vault(Fernet.generate_key().decode()), Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = build_http_client(connections=4, read_timeout_s=5)
    async with (
        client,
        listening(mailbox, "127.0.0.1", port),
        open_world(database_url, rabbitmq_url) as world,
    ):
        shop_id = await world.pool.fetchval(
            "INSERT INTO store.shops (domain, name, email, timezone, data_key) "
            "VALUES ('kaffe.example', 'Kaffe & Té', $1, 'Europe/Stockholm', '') RETURNING id",
            OWNER,
        )
        began = utc_now().replace(second=0, microsecond=0)
        shop = Watching(world, vault, mailbox, port, shop_id, client, began)
        await shop.wants(extra_addresses=[HELPER])
        yield shop
