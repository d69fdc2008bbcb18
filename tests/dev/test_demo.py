"""The demo of Kubernetes is the demo of Compose, and neither has a secret that is known to everybody."""

from typing import Any

import pytest
import yaml

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


@pytest.mark.parametrize(("service", "pod"), [("sandbox", "sandbox"), ("demo-shop", "demo")])
def test_the_demo_is_told_the_same_things(service: str, pod: str) -> None:
    assert _on_kubernetes(pod) == {k: v for k, v in _with_compose(service).items() if k != "DEMO_SECRET"}


def test_whoever_delivers_for_the_demos_shop_has_a_secret_of_its_own() -> None:
    given = _on_kubernetes("sandbox")
    delivering = {name.upper() for name in SandboxSettings.model_fields if name.endswith("secret")}
    delivering -= {"AMAZON_CLIENT_SECRET", "EBAY_CLIENT_SECRET"}
    assert {name for name in delivering if SECRET in given[name]} == delivering
    assert len({given[name] for name in delivering}) == len(delivering)
