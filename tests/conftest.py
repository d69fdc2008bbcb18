"""Real servers for the tests: one of each per session, a database and a virtual host per test."""

import gc
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog

from devstack.postgres import temporary_home
from devstack.rabbitmq_lean import MANAGEMENT
from devstack.servers import (
    OwnPostgres,
    OwnRabbit,
    Place,
    given_management,
    given_postgres_url,
    given_rabbitmq_url,
)
from devstack.servers import (
    own_postgres as make_postgres,
)
from devstack.servers import (
    own_rabbit as make_rabbit,
)
from shared.db.migrate import upgrade
from tests.servers.brokers import Broker
from tests.servers.databases import Databases, database_name

_new_context = ssl.create_default_context
_context_of = cache(lambda cafile: _new_context(cafile=cafile))


def _context(*arguments: Any, **options: Any) -> ssl.SSLContext:
    """Reads certificates from a file once: each client of httpx would, which takes longer than most tests."""
    is_of_file = not arguments and options.keys() == {"cafile"}
    return _context_of(**options) if is_of_file else _new_context(*arguments, **options)


vars(ssl)["create_default_context"] = _context

for step in structlog.get_config()["processors"]:
    if isinstance(step, structlog.dev.ConsoleRenderer):
        step.exception_formatter = structlog.dev.plain_traceback  # the rich one takes seconds


@pytest.fixture(scope="session")
def server_logs() -> Iterator[Path]:
    """Where the servers of this session write."""
    with tempfile.TemporaryDirectory(prefix="syncledger-logs-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def databases(server_logs: Path) -> Iterator[Databases]:
    """The session's Postgres, or the one DATABASE_URL names."""
    if given := given_postgres_url():
        theirs = Databases(given)
        yield theirs
        theirs.close()
        return
    server = _postgres(server_logs, {"autovacuum": "off"})  # tests say when there are statistics
    server.start()
    yield Databases(server.url)
    server.stop()
    server.discard()


@pytest.fixture(scope="session")
def broker(server_logs: Path) -> Iterator[Broker]:
    """The session's RabbitMQ, or the one RABBITMQ_URL names."""
    if given := given_rabbitmq_url():
        theirs = Broker(given, given_management(given))
        yield theirs
        theirs.close()
        return
    server = _rabbit(server_logs, plugins=[MANAGEMENT])
    server.start()
    yield Broker(server.url, server.management)
    server.kill()
    server.discard()


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> Iterator[str]:
    """The name of a database with the newest schema and nothing in it.

    Few days: what a new connection asks of the log first, it plans for each of them.
    """
    url = databases.create("template")
    upgrade(url, days_behind=3, days_ahead=1)
    yield database_name(url)
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    url = databases.lend(migrated_template)
    yield url
    databases.give_back(url, migrated_template)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database of this test's own that no migration has touched."""
    url = databases.create("empty")
    yield url
    databases.drop(url)


@pytest.fixture
async def rabbitmq_url(broker: Broker) -> AsyncIterator[str]:
    """A virtual host of this test's own without messages; the queues may be there already."""
    url = await broker.lend()
    yield url
    broker.give_back(url)


@pytest.fixture
def empty_rabbitmq_url(broker: Broker) -> Iterator[str]:
    """A virtual host of this test's own with nothing in it."""
    url = broker.create_vhost()
    yield url
    broker.delete_vhost(url)


@pytest.fixture
def own_postgres(server_logs: Path) -> Iterator[OwnPostgres]:
    """A migrated Postgres this test may stop, kill and start; `.url` stays the same."""
    server = _postgres(server_logs)
    server.start()
    upgrade(server.url)
    yield server
    server.kill()
    server.discard()


@pytest.fixture
def own_rabbitmq(server_logs: Path) -> Iterator[OwnRabbit]:
    """A RabbitMQ node this test may stop, kill and start; `.url` stays the same."""
    server = _rabbit(server_logs)
    server.start()
    yield server
    server.kill()
    server.discard()


def _postgres(logs: Path, settings: Mapping[str, str] | None = None) -> OwnPostgres:
    return make_postgres(Place(temporary_home(), logs / "postgres.log", durable=False), settings)


def _rabbit(logs: Path, *, plugins: Sequence[str] = ()) -> OwnRabbit:
    home = Path(tempfile.mkdtemp(prefix="syncledger-rabbitmq-"))
    return make_rabbit(Place(home, logs / "rabbitmq.log"), print, plugins=plugins)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, so that none is still running when all others are done."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Thousands of tests stay: looking for garbage among them takes half a second a time."""
    gc.collect()
    gc.freeze()
