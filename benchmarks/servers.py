"""A Postgres of one's own, for as long as a measurement takes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.postgres import temporary_home
from devstack.servers import Place, own_postgres
from shared.db.migrate import upgrade


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a migrated, empty database on a server that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="syncledger-benchmarks-") as logs:
        server = own_postgres(Place(temporary_home(durable=True), Path(logs) / "postgres.log", durable=False))
        server.start()
        try:
            upgrade(server.url)
            yield server.url
        finally:
            server.stop()
            server.discard()
