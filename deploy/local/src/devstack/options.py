"""What `up` was asked for, and the ports that follow from it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from devstack.data import DataDirectory
from devstack.errors import StackError
from devstack.ports import free_port, is_free
from devstack.services import ALL, DOORS, Service

DEMO_TRAFFIC_PER_S = 2.0


@dataclass(frozen=True)
class UpOptions:
    data: DataDirectory
    ports: Mapping[str, int | None] = field(default_factory=dict)
    free_ports: bool = False
    traffic_per_s: float = DEMO_TRAFFIC_PER_S
    without: frozenset[str] = frozenset()


def service_names(text: str) -> frozenset[str]:
    """The services in a comma separated list. Raises StackError for a name that is none."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    known = {service.name for service in ALL}
    if unknown := names - known:
        raise StackError(
            f"No service is called {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}."
        )
    return names


def choose_ports(options: UpOptions) -> dict[str, int]:
    """A port for every service, and for mail. Raises StackError naming one that is taken, and what to do."""
    chosen = {service.name: _port(service, options) for service in DOORS}
    for service in DOORS:
        port = chosen[service.name]
        sharers = [name for name, other in chosen.items() if other == port]
        if len(sharers) > 1:
            raise StackError(f"{' and '.join(sharers)} cannot both have port {port}.")
        if service.name not in options.without and not is_free(port):
            raise StackError(
                f"Port {port} for {service.name} is already in use: end what uses it, or choose another with "
                f"{service.port_option} N, {service.port_variable}=N or --ports auto."
            )
    return chosen


def _port(service: Service, options: UpOptions) -> int:
    asked = options.ports.get(service.name)
    if asked is not None:
        return asked
    if from_environment := os.environ.get(service.port_variable):
        return _number(from_environment, service)
    return free_port() if options.free_ports else service.default_port


def _number(text: str, service: Service) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise StackError(f"{service.port_variable}={text} is no port number.")
    return int(text)
