"""The services of the product and the sandbox, as programs of the local stack."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.child import Launch
from devstack.program import ProcessProgram
from devstack.workspace import program

_PROBE_TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Service:
    """A process of the product: how it is started and the port it listens on unless told otherwise."""

    name: str
    command: tuple[str, ...]
    default_port: int

    @property
    def port_variable(self) -> str:
        return f"PORT_{self.name.upper().replace('-', '_')}"

    @property
    def port_option(self) -> str:
        return f"--port-{self.name}"


INGEST = Service("ingest", ("ingest",), 8081)
SYNC_WORKER = Service("sync-worker", ("sync-worker",), 8082)
WRITEBACK = Service("writeback", ("writeback",), 8083)
ALERTING = Service("alerting", ("alerting",), 8084)
QUERY_API = Service("query-api", ("query-api", "serve"), 8080)
RECORDER = Service("recorder", ("query-api", "recorder"), 8085)
SANDBOX = Service("sandbox", ("sandbox",), 8090)
SERVICES = (INGEST, SYNC_WORKER, WRITEBACK, ALERTING, QUERY_API, RECORDER)
ALL = (*SERVICES, SANDBOX)
MAIL = Service("mail", (), 8025)  # no process: where the sandbox takes mail
DOORS = (*ALL, MAIL)


class RunningService(ProcessProgram):
    """One process of `service`, with the environment it gets."""

    stop_grace_s = 40.0

    def __init__(self, service: Service, *, environment: Mapping[str, str], log: Path) -> None:
        super().__init__(service.name, log)
        self.service = service
        self.environment = environment

    def launch(self) -> Launch:
        executable, *arguments = self.service.command
        return Launch(self.name, (program(executable), *arguments), self.log, env=self.environment)

    def answers(self) -> bool:
        return is_ready(f"http://127.0.0.1:{self.environment['PORT']}")


def is_ready(address: str) -> bool:
    """True when the process at `address` says so itself."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=_PROBE_TIMEOUT_S):
            return True
    except OSError:
        return False
