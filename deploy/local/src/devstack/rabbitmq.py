"""A private RabbitMQ node, beside any broker of the machine: own ports on 127.0.0.1, own data, own epmd."""

import secrets
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

from devstack.child import Child, Launch
from devstack.kept import kept_text
from devstack.ports import free_port
from devstack.program import ProcessProgram
from devstack.rabbitmq_admin import Management
from devstack.rabbitmq_lean import METRICS, lean
from devstack.rabbitmq_packages import RabbitPrograms

USER = "syncledger"
_NODE = "syncledger@localhost"
_PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"
_QUIET_SCHEDULERS = "+sbwt none +sbwtdcpu none +sbwtdio none"
# What came due and could not be handed on is tried again after 10 s; else that would be after three minutes.
TRIES_AGAIN = "-rabbit dead_letter_worker_publisher_confirm_timeout 10000"


class RabbitServer(ProcessProgram):
    """Keeps ports, password and data over stop, kill and start; all of it lies in `home`.

    `plugins`: MANAGEMENT, for which it takes five seconds longer to stop; METRICS, for Prometheus.
    """

    start_timeout_s = 90.0
    stop_grace_s = 30.0

    def __init__(
        self,
        home: Path,
        *,
        programs: RabbitPrograms,
        log: Path,
        port: int | None = None,
        plugins: Sequence[str] = (),
    ) -> None:
        super().__init__("rabbitmq", log)
        self.home = home
        self.port = free_port(preferred=port)
        self._management_port = free_port()
        self._metrics_port = free_port()
        self._epmd_port = free_port()
        self._epmd: Child | None = None
        home.mkdir(parents=True, exist_ok=True)
        self._programs = lean(programs, home / "programs")
        self._password = kept_text(home / "password", lambda: secrets.token_hex(16))
        self._configure(plugins)

    @property
    def url(self) -> str:
        return self.vhost_url("")

    def vhost_url(self, vhost: str) -> str:
        return f"amqp://{USER}:{self._password}@127.0.0.1:{self.port}/{vhost}"

    @property
    def management(self) -> Management:
        return Management(f"http://127.0.0.1:{self._management_port}", user=USER, password=self._password)

    @property
    def metrics_address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._metrics_port}"

    @property
    def pids(self) -> dict[str, int]:
        return super().pids | (
            {"epmd": self._epmd.pid} if self._epmd and self._epmd.exit_code is None else {}
        )

    def launch(self) -> Launch:
        return self._launch(self.name, str(self._programs.scripts / "rabbitmq-server"))

    def spawn(self) -> None:
        if self._epmd is None or self._epmd.exit_code is not None:
            self._epmd = Child(self._launch("epmd", self._programs.epmd, "-port", str(self._epmd_port)))
        super().spawn()

    def answers(self) -> bool:
        return speaks_amqp(self.port)

    def discard(self) -> None:
        """Removes the data for good."""
        shutil.rmtree(self.home, ignore_errors=True)

    def stop(self) -> None:
        super().stop()
        self._end_name_service()

    def kill(self) -> None:
        super().kill()
        self._end_name_service()

    def _end_name_service(self) -> None:
        if self._epmd is not None:
            self._epmd.kill()

    def _launch(self, name: str, *command: str) -> Launch:
        return Launch(name, command, self.log, env=self._environment())

    def _environment(self) -> dict[str, str]:
        return self._programs.env | {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.home / "generated"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_QUIET_SCHEDULERS} {TRIES_AGAIN}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node instead of watching over it
        }

    def _configure(self, plugins: Sequence[str]) -> None:
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.port}",
            "default_user": USER,
            "default_pass": self._password,
            "disk_free_limit.absolute": "100MB",
        }
        for plugin in plugins:
            settings |= self._settings_of(plugin)
        lines = [f"{key} = {value}" for key, value in settings.items()]
        (self.home / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.home / "enabled_plugins").write_text(f"[{', '.join(plugins)}].\n")

    def _settings_of(self, plugin: str) -> dict[str, str]:
        if plugin == METRICS:
            return {"prometheus.tcp.ip": "127.0.0.1", "prometheus.tcp.port": str(self._metrics_port)}
        return {
            "management.tcp.ip": "127.0.0.1",
            "management.tcp.port": str(self._management_port),
            "management_agent.disable_metrics_collector": "true",
        }


def speaks_amqp(port: int) -> bool:
    """One bounded probe: the node opens its port last, and its command line tool can say less for longer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(_PROTOCOL_HEADER)
            return connection.recv(1) == _METHOD_FRAME
    except OSError:
        return False
