"""Postgres and RabbitMQ as containers, for machines that have Docker but neither server."""

import abc
import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from testcontainers.core.container import DockerContainer

from devstack import postgres, rabbitmq
from devstack.errors import StackError
from devstack.kept import kept_text
from devstack.ports import free_port
from devstack.program import Program
from devstack.rabbitmq_admin import Management

POSTGRES_IMAGE = "postgres:17.9"
RABBITMQ_IMAGE = "rabbitmq:4.2.4-management"
_LOG_TAIL_LINES = 15


def docker_answers() -> bool:
    """True when a Docker engine is there to be used."""
    try:
        client = docker.from_env(timeout=5)
        client.ping()
    except DockerException:
        return False
    client.close()
    return True


@dataclass(frozen=True)
class Image:
    """What to run, its ports (in the container: on 127.0.0.1), and where it keeps its data."""

    name: str
    ports: dict[int, int]
    environment: dict[str, str]
    data_path: str


class Container(Program):
    """Each start makes a new container; the data stays in a volume whose name `home` keeps."""

    stop_grace_s = 30.0

    def __init__(self, name: str, home: Path) -> None:
        super().__init__(name)
        home.mkdir(parents=True, exist_ok=True)
        self._volume = kept_text(home / "volume", lambda: f"syncledger-{name}-{secrets.token_hex(6)}")
        self.password = kept_text(home / "password", lambda: secrets.token_hex(16))
        self._container: DockerContainer | None = None

    @abc.abstractmethod
    def image(self) -> Image:
        """What to run."""

    @property
    def pid(self) -> int | None:
        state = self._state()
        return int(state["Pid"]) if state.get("Running") else None

    @property
    def exit_code(self) -> int | None:
        state = self._state()
        return None if state.get("Running") else int(state.get("ExitCode", 0))

    def spawn(self) -> None:
        self._remove()
        image = self.image()
        container = DockerContainer(image.name).with_kwargs(hostname=self.name).with_envs(**image.environment)
        for inside, outside in image.ports.items():
            container.ports[f"{inside}/tcp"] = ("127.0.0.1", outside)  # type: ignore[assignment]
        container.with_volume_mapping(self._volume, image.data_path, "rw")
        try:
            self._container = container.start()
        except DockerException as error:
            raise StackError(f"Docker could not start {image.name}: {error}") from error

    def ask_to_stop(self) -> None:
        self._signal("SIGTERM")

    def stop(self) -> None:
        if self._container is not None:
            self._container.get_wrapped_container().stop(timeout=int(self.stop_grace_s))
        self._remove()

    def kill(self) -> None:
        self._signal("SIGKILL")

    def discard(self) -> None:
        """Removes the data for good."""
        self._remove()
        client = docker.from_env()
        with contextlib.suppress(NotFound):
            client.volumes.get(self._volume).remove(force=True)
        client.close()

    def log_tail(self) -> str:
        if self._container is None:
            return ""
        tail: bytes = self._container.get_wrapped_container().logs(tail=_LOG_TAIL_LINES)
        return tail.decode(errors="replace")

    def _state(self) -> dict[str, Any]:
        if self._container is None:
            return {}
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        state: dict[str, Any] = wrapped.attrs["State"]
        return state

    def _signal(self, name: str) -> None:
        if self.pid is not None and self._container is not None:
            self._container.get_wrapped_container().kill(name)

    def _remove(self) -> None:
        if self._container is not None:
            self._container.stop(force=True)
            self._container = None


class ContainerPostgres(Container):
    """Postgres with the same address over stop, kill and start."""

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        super().__init__("postgres", home)
        self.port = free_port(preferred=port)

    @property
    def url(self) -> str:
        return f"postgresql://{postgres.USER}:{self.password}@127.0.0.1:{self.port}/{postgres.DATABASE}"

    def image(self) -> Image:
        environment = {
            "POSTGRES_USER": postgres.USER,
            "POSTGRES_PASSWORD": self.password,
            "POSTGRES_DB": postgres.DATABASE,
        }
        return Image(POSTGRES_IMAGE, {5432: self.port}, environment, "/var/lib/postgresql/data")

    def answers(self) -> bool:
        return postgres.accepts_queries(self.url)


class ContainerRabbit(Container):
    """RabbitMQ with the same address over stop, kill and start."""

    start_timeout_s = 120.0

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        super().__init__("rabbitmq", home)
        self.port = free_port(preferred=port)
        self._management_port = free_port()
        self._metrics_port = free_port()

    @property
    def url(self) -> str:
        return f"amqp://{rabbitmq.USER}:{self.password}@127.0.0.1:{self.port}/"

    @property
    def management(self) -> Management:
        return Management(
            f"http://127.0.0.1:{self._management_port}", user=rabbitmq.USER, password=self.password
        )

    @property
    def metrics_address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._metrics_port}"

    def image(self) -> Image:
        environment = {
            "RABBITMQ_DEFAULT_USER": rabbitmq.USER,
            "RABBITMQ_DEFAULT_PASS": self.password,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": rabbitmq.TRIES_AGAIN,
        }
        ports = {5672: self.port, 15672: self._management_port, 15692: self._metrics_port}
        return Image(RABBITMQ_IMAGE, ports, environment, "/var/lib/rabbitmq")

    def answers(self) -> bool:
        return rabbitmq.speaks_amqp(self.port)
