"""The demo is the same locally, with Compose and on Kubernetes; none has a secret that everybody knows."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from devstack import demo
from devstack.data import Secrets
from devstack.workspace import ROOT
from sandbox.settings import Settings as SandboxSettings
from tests.dev.manifests import overlay, pods

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
# Where and how they run, which is not the same.
PLACES = {
    "HOST",
    "PORT",
    "MAIL_PORT",
    "INGEST_URL",
    "STATE_FILE",
    "DATABASE_URL",
    "RABBITMQ_URL",
    "SECRET_KEYS",
}
SECRET = "$(DEMO_SECRET)"


def _with_compose(service: str) -> dict[str, str]:
    """What is said of the demo alone."""
    given: dict[str, str] = {k: v for k, v in COMPOSE[service]["environment"].items() if v is not None}
    return {
        key: value.replace("${DEMO_SECRET:-}", SECRET) for key, value in given.items() if key not in PLACES
    }


def _on_kubernetes(pod: str) -> dict[str, str]:
    [found] = [spec for _, name, spec in pods(overlay("demo")) if name == pod]
    entries = found["containers"][0]["env"]
    assert {"name": "demo-sandbox", "key": "secret"} in [
        entry["valueFrom"]["secretKeyRef"] for entry in entries if "valueFrom" in entry
    ]
    return {one["name"]: one["value"] for one in entries if "value" in one and one["name"] not in PLACES}


def _said_by_compose(home: Path) -> list[list[str]]:
    """Each call of the command line that the script makes."""
    program = home / "query-api"
    program.write_text('#!/bin/sh\nprintf "%s\\037" "$@" >>"$CALLS"; echo >>"$CALLS"\n')
    program.chmod(0o755)
    secrets = {
        name: name.lower() for name in COMPOSE["demo-shop"]["environment"] if name.startswith("SANDBOX_")
    }
    environment = {
        "PATH": f"{home}:/usr/bin:/bin",
        "CALLS": str(home / "calls"),
        "DEMO_SECRET": "x" * 32,
        **secrets,
    }
    for part in ("shop", "accounts"):
        command = ["sh", str(ROOT / "deploy/docker/demo.sh"), part]
        subprocess.run(command, env=environment, capture_output=True, check=True)
    return [line.split("\037")[:-1] for line in (home / "calls").read_text().splitlines()]


def _said_by_dev_up() -> list[list[str]]:
    calls: list[list[str]] = []

    def cli(*arguments: str) -> str:
        calls.append(list(arguments))
        return ""

    demo.create_shop(cli, webhook_secret="")
    demo.create_accounts(cli, Secrets(), sandbox_url="http://sandbox:8090", works_by_itself=True)
    return calls


def _told(call: list[str], *options: str) -> tuple[str | None, ...]:
    return tuple(call[call.index(option) + 1] if option in call else None for option in options)


def test_the_demo_connects_what_the_local_stack_connects(tmp_path: Path) -> None:
    alike = ("--domain", "--shop", "--kind", "--name", "--email", "--timezone", "--base-url", "--client-id")
    here, there = _said_by_compose(tmp_path), _said_by_dev_up()
    assert {_told(call, *alike) for call in here if call[1] == "add"} == {
        _told(call, *alike) for call in there
    }


@pytest.mark.parametrize(("service", "pod"), [("sandbox", "sandbox"), ("demo-shop", "demo")])
def test_the_demo_is_told_the_same_things(service: str, pod: str) -> None:
    assert _on_kubernetes(pod) == {k: v for k, v in _with_compose(service).items() if k != "DEMO_SECRET"}


def test_whoever_delivers_for_the_demos_shop_has_a_secret_of_its_own() -> None:
    given = _on_kubernetes("sandbox")
    delivering = {name.upper() for name in SandboxSettings.model_fields if name.endswith("secret")}
    delivering -= {"AMAZON_CLIENT_SECRET", "EBAY_CLIENT_SECRET"}
    assert {name for name in delivering if SECRET in given[name]} == delivering
    assert len({given[name] for name in delivering}) == len(delivering)
