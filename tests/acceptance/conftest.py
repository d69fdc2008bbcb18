"""One running stack for the stories that share it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.postgres import temporary_home
from devstack.rabbitmq_lean import METRICS
from devstack.servers import Place, own_postgres, own_rabbit
from shared.db.migrate import upgrade
from tests.acceptance.stack import Stack, running_stack


@pytest.fixture(scope="session")
def shared_stack(server_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product on servers that stories may stop and start."""
    postgres = own_postgres(Place(temporary_home(), server_logs / "stack-postgres.log", durable=False))
    home = Path(tempfile.mkdtemp(prefix="syncledger-rabbitmq-"))
    rabbitmq = own_rabbit(Place(home, server_logs / "stack-rabbitmq.log"), print, plugins=[METRICS])
    data = tmp_path_factory.mktemp("stack")
    for server in (postgres, rabbitmq):
        server.start()
    upgrade(postgres.url)
    with running_stack(data, postgres, rabbitmq) as stack:
        yield stack
    for server in (postgres, rabbitmq):
        server.kill()
        server.discard()
