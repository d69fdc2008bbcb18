"""The stack as Docker runs it from its images: the demo of docker-compose.yml, quiet until told to send."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from devstack.demo import DOMAIN
from devstack.ports import free_port
from devstack.workspace import ROOT
from tests.acceptance.stack import Reachable
from tests.waiting import eventually

PROJECT = "syncledger-try"
HEALTHY_WITHIN_S = 120
# Demo traffic would come on top of what is counted.
QUIET = {"TRAFFIC_RATE": "0", "PACKING_EVERY_S": "0", "SALES_EVERY_S": "0"}
PORTS = {
    "ingest": "INGEST_PORT",
    "query-api": "CONSOLE_PORT",
    "sandbox": "SANDBOX_PORT",
    "prometheus": "PROMETHEUS_PORT",
    "rabbitmq": "RABBITMQ_MANAGEMENT_PORT",
}


@dataclass(frozen=True)
class Composed(Reachable):
    """`data` holds its .env, and stack.json as `./dev up` writes it."""

    def compose(self, *arguments: str) -> str:
        """What the command wrote. Raises AssertionError with it when the command failed."""
        files = [ROOT / "docker-compose.yml", ROOT / "deploy/docker/few-images.yml", self.data / "trial.yml"]
        place = ["--project-name", PROJECT, "--project-directory", str(ROOT)]
        options = [*place, "--env-file", str(self.data / ".env"), "--profile", "demo"]
        chosen = [part for path in files for part in ("--file", str(path))]
        return run(*compose_command(), *options, *chosen, *arguments)

    def up(self) -> None:
        """Returns once the demo is connected."""
        self.compose("up", "--detach", "--no-build")
        run("docker", "wait", self.container("demo"))

    def container(self, service: str) -> str:
        return self.compose("ps", "--quiet", service).strip()

    def inspect(self, service: str) -> dict[str, Any]:
        """What Docker knows of the container; the job that ended is one, too."""
        (found,) = json.loads(run("docker", "inspect", self.container(service)))
        return dict(found)

    async def kill(self, service: str) -> None:
        """SIGKILL, and the container is started again; returns once it is healthy."""
        container = self.container(service)
        run("docker", "kill", container)
        run("docker", "start", container)
        await eventually(lambda: self.is_well(service), HEALTHY_WITHIN_S, what=f"{service} is well again")

    def is_well(self, service: str) -> bool:
        state = self.inspect(service)["State"]
        return bool(state["Running"]) and state.get("Health", {"Status": "healthy"})["Status"] == "healthy"


def compose_command() -> tuple[str, ...]:
    """Raises AssertionError on a machine without Docker: who asks for these tests wants them run."""
    assert shutil.which("docker"), "these tests need Docker with Compose"
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return ("docker", "compose") if plugin.returncode == 0 else ("docker-compose",)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


@contextmanager
def composed_stack(data: Path) -> Iterator[Composed]:
    """Builds the images, starts all, and removes containers and volumes at the end; the images stay."""
    stack = Composed(data)
    run("sh", str(ROOT / "deploy/docker/env.sh"), str(data / ".env"))
    ports = {name: free_port() for name in (*PORTS, "postgres")}
    with (data / ".env").open("a") as settings:
        settings.writelines(f"{variable}={ports[name]}\n" for name, variable in PORTS.items())
    (data / "trial.yml").write_text(yaml.safe_dump(_trial(ports["postgres"])))
    stack.compose("build", "--quiet")
    try:
        stack.up()
        (data / "stack.json").write_text(json.dumps(_facts(stack, ports)))
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans")


def _trial(postgres_port: int) -> dict[str, Any]:
    opened = {"ports": [f"127.0.0.1:{postgres_port}:5432"]}
    return {"services": {"postgres": opened, "sandbox": {"environment": QUIET}}}


def _facts(stack: Composed, ports: dict[str, int]) -> dict[str, Any]:
    lines = (stack.data / ".env").read_text().splitlines()
    known = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    server = f"127.0.0.1:{ports['postgres']}"
    return {
        "ingest_url": f"http://127.0.0.1:{ports['ingest']}",
        "query_api_url": f"http://127.0.0.1:{ports['query-api']}",
        "sandbox_url": f"http://127.0.0.1:{ports['sandbox']}",
        "prometheus_url": f"http://127.0.0.1:{ports['prometheus']}",
        "database_url": f"postgresql://syncledger:{known['POSTGRES_PASSWORD']}@{server}/syncledger",
        "token": stack.compose("logs", "--no-color", "demo").split()[-1],
        "demo_shop": {"domain": DOMAIN, "webhook_secret": known["DEMO_SECRET"]},
    }
