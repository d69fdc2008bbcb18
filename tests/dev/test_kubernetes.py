"""The manifests of deploy/kubernetes, rendered by kustomize itself.

Needs a kubectl of 1.21 or newer, or kustomize: older ones (Debian 12 has 1.20) know no components.
"""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
import yaml

from alerting.settings import AlertingSettings
from devstack.workspace import ROOT
from ingest.settings import IngestSettings
from query_api.recorder.settings import RecorderSettings
from query_api.settings import QueryApiSettings
from shared.service import HTTP_DRAIN_S
from shared.settings import CommonSettings
from shared.tasks import Lane
from shared.topology import overflow_queue
from sync_worker.settings import Settings as SyncSettings
from writeback.settings import WritebackSettings

HERE = ROOT / "deploy" / "kubernetes"
OVERLAYS = ["demo", "production"]
SETTINGS: dict[str, type[CommonSettings]] = {
    "ingest": IngestSettings,
    "query-api": QueryApiSettings,
    "recorder": RecorderSettings,
    "sync-worker-live": SyncSettings,
    "sync-worker-bulk": SyncSettings,
    "writeback": WritebackSettings,
    "alerting": AlertingSettings,
}
# Their schemas come with their operators, not with Kubernetes: their fields are held by the tests below.
OPERATORS = (
    "keda.sh/",
    "monitoring.coreos.com/",
    "postgresql.cnpg.io/",
    "rabbitmq.com/",
    "gateway.networking.k8s.io/",
)
CLOSING_S = 10
Manifest = dict[str, Any]


@cache
def renderer() -> tuple[str, ...] | None:
    """The program that renders, if this machine has one that knows components."""
    for command in (("kubectl", "kustomize"), ("kustomize", "build")):
        if shutil.which(command[0]) and _render(command, "production").returncode == 0:
            return command
    return None


def _render(command: tuple[str, ...], overlay: str) -> "subprocess.CompletedProcess[str]":
    place = HERE / "overlays" / overlay
    return subprocess.run([*command, place], capture_output=True, text=True, check=False, timeout=120)


@cache
def manifests(overlay: str) -> list[Manifest]:
    command = renderer()
    if command is None:
        old = shutil.which("kubectl") or shutil.which("kustomize")
        found = f"{old} cannot render components" if old else "there is none here"
        pytest.skip(f"rendering needs kubectl 1.21 or newer, or kustomize: {found}")
    done = _render(command, overlay)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pods(overlay: str) -> Iterator[tuple[str, str, Manifest]]:
    for one in manifests(overlay):
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield one["kind"], one["metadata"]["name"], one["spec"]["template"]["spec"]


def services(overlay: str) -> dict[str, Manifest]:
    return {name: spec for kind, name, spec in pods(overlay) if name in SETTINGS and kind == "Deployment"}


def settings_of(overlay: str) -> dict[str, str]:
    [found] = [one for one in manifests(overlay) if one["kind"] == "ConfigMap"]
    return dict(found["data"])


def _rules() -> Any:
    spec = importlib.util.spec_from_file_location("rules", HERE / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("version", ["1.25", "1.37"])
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_is_what_kubernetes_takes(overlay: str, version: str) -> None:
    ours = [one for one in manifests(overlay) if not one["apiVersion"].startswith(OPERATORS)]
    assert ours
    for one in ours:
        kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_is_probed_limited_and_restricted(overlay: str) -> None:
    for kind, name, pod in pods(overlay):
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            probes = {"startupProbe", "livenessProbe", "readinessProbe"}
            assert kind == "Job" or probes <= container.keys(), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_image_is_whatever_is_newest(overlay: str) -> None:
    for _, name, pod in pods(overlay):
        for container in pod["containers"]:
            tag = container["image"].rpartition("/")[2].partition(":")[2]
            assert tag not in {"", "latest"}, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_services_are_there_and_get_only_settings_they_know(overlay: str) -> None:
    found = services(overlay)
    assert found.keys() == SETTINGS.keys()
    everything = {field.upper() for kind in SETTINGS.values() for field in kind.model_fields}
    assert settings_of(overlay).keys() <= everything
    for name, pod in found.items():
        own = {entry["name"] for entry in pod["containers"][0]["env"]}
        known = {field.upper() for field in SETTINGS[name].model_fields}
        assert {"DATABASE_URL", "RABBITMQ_URL", "SECRET_KEYS", "PORT"} <= own <= known, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_settings_are_ones_the_services_start_with(overlay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATABASE_URL": "postgresql://db/x", "RABBITMQ_URL": "amqp://mq", "SECRET_KEYS": "k"}
    for name, pod in services(overlay).items():
        own = {entry["name"]: entry.get("value") for entry in pod["containers"][0]["env"]}
        plain = {key: value for key, value in own.items() if value is not None}
        values = settings_of(overlay) | given | plain
        with monkeypatch.context() as environment:
            for key, value in values.items():
                environment.setenv(key, value)
            started = SETTINGS[name]()
        ports = {port["containerPort"] for port in pod["containers"][0]["ports"]}
        assert started.port in ports, name
        assert started.host == "0.0.0.0", name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_has_the_time_its_end_takes(overlay: str) -> None:
    drain_s = HTTP_DRAIN_S + float(settings_of(overlay)["DRAIN_TIMEOUT_S"]) + CLOSING_S
    for name, pod in services(overlay).items():
        before_s = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
        assert pod["terminationGracePeriodSeconds"] >= before_s + drain_s, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_secret_is_documented_and_no_manifest_holds_one(overlay: str) -> None:
    readme = (HERE / "README.md").read_text()
    assert not [one for one in manifests(overlay) if one["kind"] == "Secret"]
    for _, name, pod in pods(overlay):
        for entry in pod["containers"][0].get("env", ()):
            if reference := entry.get("valueFrom", {}).get("secretKeyRef"):
                assert f"`{reference['name']}` `{reference['key']}`" in readme, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_services_survive_nodes_being_emptied(overlay: str) -> None:
    budgets = {
        one["metadata"]["name"]: one["spec"]
        for one in manifests(overlay)
        if one["kind"] == "PodDisruptionBudget"
    }
    assert budgets.keys() == SETTINGS.keys()
    assert {budget["maxUnavailable"] for budget in budgets.values()} == {1}
    assert all(pod["topologySpreadConstraints"] for pod in services(overlay).values())


def test_live_and_bulk_are_scaled_by_their_own_queues_with_what_is_unacknowledged() -> None:
    scaled = {
        one["metadata"]["name"]: one for one in manifests("production") if one["kind"] == "ScaledObject"
    }
    queues = {
        name: {trigger["metadata"]["queueName"] for trigger in one["spec"]["triggers"]}
        for name, one in scaled.items()
    }
    assert queues["sync-worker-live"] == {Lane.SYNC.value, overflow_queue(Lane.SYNC)}
    assert queues["sync-worker-bulk"] == {Lane.SYNC_BULK.value, overflow_queue(Lane.SYNC_BULK)}
    for one in scaled.values():
        for trigger in one["spec"]["triggers"]:
            assert trigger["metadata"]["protocol"] == "http"
            assert trigger["metadata"]["excludeUnacknowledged"] == "false"
    fixed = [
        one for one in manifests("production") if one["kind"] == "Deployment" and "replicas" in one["spec"]
    ]
    assert not {one["metadata"]["name"] for one in fixed} & scaled.keys()


def test_the_rule_for_the_operator_is_what_prometheus_loads() -> None:
    rules = _rules()
    assert rules.TARGET.read_text() == rules.prometheus_rule()
