"""Which Postgres and which RabbitMQ: the ones given by address, else embedded ones, else containers."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from devstack.containers import ContainerPostgres, ContainerRabbit, docker_answers
from devstack.errors import ServerUnavailable
from devstack.postgres import PostgresServer
from devstack.rabbitmq import RabbitServer
from devstack.rabbitmq_admin import Management
from devstack.rabbitmq_packages import Say, find_programs

OwnPostgres = PostgresServer | ContainerPostgres
OwnRabbit = RabbitServer | ContainerRabbit
_MANAGEMENT_PORT = 15_672
_Embedded = TypeVar("_Embedded")
_Container = TypeVar("_Container")


@dataclass(frozen=True)
class Place:
    """Where a server of ours keeps its data and log, and the port it had before, if any."""

    home: Path
    log: Path
    port: int | None = None
    durable: bool = True


def given_postgres_url() -> str | None:
    """DATABASE_URL, for people who bring their own Postgres."""
    return os.environ.get("DATABASE_URL") or None


def given_rabbitmq_url() -> str | None:
    """RABBITMQ_URL, for people who bring their own RabbitMQ."""
    return os.environ.get("RABBITMQ_URL") or None


def given_management(rabbitmq_url: str) -> Management:
    """The management API of a given RabbitMQ: on its usual port, or where RABBITMQ_MANAGEMENT_URL says."""
    parts = urlsplit(rabbitmq_url)
    address = os.environ.get("RABBITMQ_MANAGEMENT_URL") or f"http://{parts.hostname}:{_MANAGEMENT_PORT}"
    user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
    return Management(address.rstrip("/"), user=user, password=password)


def own_postgres(place: Place, settings: Mapping[str, str] | None = None) -> OwnPostgres:
    """A Postgres of our own, not started yet; `settings`: of an embedded one. Raises ServerUnavailable with
    what to do."""
    return _else_container(
        lambda: PostgresServer(
            place.home, log=place.log, port=place.port, durable=place.durable, settings=settings
        ),
        lambda: ContainerPostgres(place.home, port=place.port),
    )


def own_rabbit(place: Place, say: Say, *, plugins: Sequence[str] = ()) -> OwnRabbit:
    """A RabbitMQ of our own, not started yet. Raises ServerUnavailable with what to do."""
    return _else_container(
        lambda: RabbitServer(
            place.home, programs=find_programs(say), log=place.log, port=place.port, plugins=plugins
        ),
        lambda: ContainerRabbit(place.home, port=place.port),
    )


def _else_container(
    embedded: Callable[[], _Embedded], container: Callable[[], _Container]
) -> _Embedded | _Container:
    try:
        return embedded()
    except ServerUnavailable:
        if not docker_answers():
            raise
        return container()
