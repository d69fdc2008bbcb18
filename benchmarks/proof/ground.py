"""What every measurement stands on: a durable Postgres, a RabbitMQ, and a plot of both for each run."""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet

from devstack import demo
from devstack.administering import Administration
from devstack.errors import StackError
from devstack.ports import free_port
from devstack.postgres import PostgresServer, run_psql, temporary_home
from devstack.program import Program
from devstack.rabbitmq import RabbitServer
from devstack.rabbitmq_lean import MANAGEMENT
from devstack.servers import Place, own_postgres, own_rabbit
from devstack.services import RunningService, Service
from devstack.workspace import ROOT
from shared.db.migrate import upgrade

WEBHOOK_SECRET = "shpss_measured"  # noqa: S105  of a shop that lives as long as a run
_STATEMENT_TIMEOUT_S = 120
_TEMPLATE = "migrated"


@dataclass(frozen=True)
class Plot:
    """A database and a virtual host nobody else uses, and how processes are told of them."""

    ground: "Ground"
    name: str
    database_url: str
    rabbitmq_url: str
    logs: Path
    secret_key: str = field(default_factory=lambda: Fernet.generate_key().decode())

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the product is told; each gets a port of its own."""
        programs = str(Path(sys.executable).parent)
        return {
            "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT),
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "DATABASE_URL": self.database_url,
            "RABBITMQ_URL": self.rabbitmq_url,
            "SECRET_KEYS": self.secret_key,
            **more,
        }

    def service(self, service: Service, **settings: str) -> RunningService:
        """A process of the product, not started yet."""
        log = self.logs / f"{service.name}.log"
        return RunningService(service, environment=self.environment(**settings), log=log)

    def administer(self, *arguments: str) -> str:
        """Runs `query-api …` here."""
        done = self.ground.administration.run(self.environment(), *arguments)
        if done.returncode != 0:
            raise StackError(f"query-api {' '.join(arguments[:2])} failed:\n{done.stderr or done.stdout}")
        return done.stdout

    def add_shop(self) -> None:
        """The demo shop, which signs with WEBHOOK_SECRET."""
        demo.create_shop(self.administer, webhook_secret=WEBHOOK_SECRET)


@dataclass(frozen=True)
class Ground:
    """The servers of one benchmark, as they are in production: what is committed or confirmed is on disk."""

    postgres: PostgresServer
    rabbitmq: RabbitServer
    administration: Administration
    logs: Path

    @property
    def servers(self) -> Mapping[str, Program]:
        return {"postgres": self.postgres, "rabbitmq": self.rabbitmq}

    @contextmanager
    def plot(self, *, is_migrated: bool = True) -> Iterator[Plot]:
        """Gone afterwards, with everything in it."""
        name = f"run-{secrets.token_hex(6)}"
        template = _TEMPLATE if is_migrated else "template1"
        self._run(f'create database "{name}" template {template}')
        self.rabbitmq.management.create_vhost(name)
        rabbitmq_url = urlsplit(self.rabbitmq.url)._replace(path=f"/{quote(name)}").geturl()
        try:
            yield Plot(self, name, self.postgres.database_url(name), rabbitmq_url, self.logs / name)
        finally:
            self.rabbitmq.management.delete_vhost(name)
            self._run(f'drop database "{name}" with (force)')

    def prepare(self) -> None:
        self._run(f"create database {_TEMPLATE}")
        upgrade(self.postgres.database_url(_TEMPLATE))

    def _run(self, statement: str) -> None:
        done = run_psql(self.postgres.url, ["-qc", statement], timeout_s=_STATEMENT_TIMEOUT_S)
        if done.returncode != 0:
            raise StackError(f"{statement} failed:\n{done.stderr}")


def memory_bytes() -> int:
    """What the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _roomy() -> dict[str, str]:
    """A quarter of the memory, as Postgres' manual advises for a server."""
    return {"shared_buffers": f"{memory_bytes() // 4_000_000}MB"}


@contextmanager
def measuring_ground() -> Iterator[Ground]:
    """Servers of our own, gone afterwards. CPU and memory of given ones could not be told."""
    with (
        tempfile.TemporaryDirectory(prefix="syncledger-bench-", dir="/var/tmp") as directory,
        ExitStack() as stack,
    ):
        home = Path(directory)
        postgres = own_postgres(Place(temporary_home(durable=True), home / "postgres.log"), _roomy())
        rabbitmq = own_rabbit(Place(home / "rabbitmq", home / "rabbitmq.log"), print, plugins=[MANAGEMENT])
        if not (isinstance(postgres, PostgresServer) and isinstance(rabbitmq, RabbitServer)):
            raise StackError("Measuring needs embedded servers: those in containers hide what they cost.")
        stack.callback(postgres.discard)
        postgres.start()
        stack.callback(postgres.stop)
        rabbitmq.start()
        stack.callback(rabbitmq.kill)  # it takes seconds to stop, and nothing of it is kept
        administration = stack.enter_context(closing(Administration()))
        ground = Ground(postgres, rabbitmq, administration, home / "logs")
        ground.prepare()
        yield ground
