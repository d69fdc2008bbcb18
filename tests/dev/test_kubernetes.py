"""The manifests of deploy/kubernetes, rendered by kustomize itself, are valid and keep their promises."""

import importlib.util
import os
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from alerting.app import WATCHING_POOL
from alerting.settings import AlertingSettings
from devstack.services import SERVICES
from ingest.settings import IngestSettings
from query_api.recorder.settings import RecorderSettings
from query_api.settings import QueryApiSettings
from shared.service import HTTP_DRAIN_S
from shared.settings import CommonSettings
from shared.tasks import Lane
from shared.topology import consumed_queues
from sync_worker.settings import Settings as SyncSettings
from tests.dev.manifests import (
    COMPONENTS,
    KUBERNETES,
    OVERLAYS,
    WITH_OWN_SCHEMA,
    WITH_SCHEMA,
    Manifest,
    base,
    of_kind,
    operators_complaints,
    pods,
    rendered,
    with_component,
)
from tests.dev.manifests import overlay as manifests
from writeback.settings import WritebackSettings

SETTINGS: dict[str, type[CommonSettings]] = {
    "ingest": IngestSettings,
    "query-api": QueryApiSettings,
    "recorder": RecorderSettings,
    "sync-worker-live": SyncSettings,
    "sync-worker-bulk": SyncSettings,
    "writeback": WritebackSettings,
    "alerting": AlertingSettings,
}
CLOSING_S = 10


def services(overlay: str) -> dict[str, Manifest]:
    return {
        name: spec
        for kind, name, spec in pods(manifests(overlay))
        if name in SETTINGS and kind == "Deployment"
    }


def settings_of(overlay: str) -> dict[str, str]:
    found = of_kind(manifests(overlay), "ConfigMap")
    return dict(next(one["data"] for name, one in found.items() if name.startswith("syncledger-settings-")))


def _rules() -> Any:
    spec = importlib.util.spec_from_file_location("rules", KUBERNETES / "rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def complaints(manifests: list[Manifest], version: str) -> list[str]:
    """What is not as Kubernetes or the operators take it."""
    for one in manifests:
        if one["apiVersion"].startswith(WITH_SCHEMA) or one["apiVersion"] in WITH_OWN_SCHEMA:
            continue
        kubernetes_validate.validate(one, version, strict=True)
    return operators_complaints(manifests)


@pytest.mark.parametrize("version", ["1.25", "1.37"])
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_manifest_is_what_kubernetes_takes(overlay: str, version: str) -> None:
    assert complaints(manifests(overlay), version) == []


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_is_taken_by_itself(component: str, tmp_path: Path) -> None:
    brought = [one for one in with_component(component, tmp_path) if one not in base()]
    assert brought
    assert complaints(brought, "1.37") == []


def test_visitors_are_led_the_same_way_with_and_without_the_gateway_api(tmp_path: Path) -> None:
    routes = of_kind(manifests("production"), "HTTPRoute").values()
    ingress = of_kind(with_component("kubernetes/components/ingress", tmp_path), "Ingress")["syncledger"]
    by_gateway = {
        (host, match["path"]["value"], backend["name"])
        for route in routes
        for host in route["spec"]["hostnames"]
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
        for backend in rule["backendRefs"]
    }
    by_ingress = {
        (rule["host"], path["path"], path["backend"]["service"]["name"])
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert by_gateway == by_ingress
    assert {service for _, _, service in by_gateway} <= of_kind(manifests("production"), "Service").keys()


def test_what_an_operator_does_not_know_is_seen() -> None:
    good = of_kind(manifests("production"), "ScaledObject")["writeback"]
    misspelt = good | {"spec": good["spec"] | {"maxReplicas": 6}}
    wrong = good | {"spec": good["spec"] | {"maxReplicaCount": "6"}}
    assert operators_complaints([good, misspelt, wrong]) == [
        "ScaledObject writeback: no such field: .spec.maxReplicas",
        "ScaledObject writeback: data/spec/maxReplicaCount must be integer",
    ]


def test_what_the_operators_of_the_servers_do_not_know_is_seen() -> None:
    found = manifests("production")
    good = of_kind(found, "Cluster")["syncledger-postgres"]
    wrong = good | {"spec": good["spec"] | {"instances": "3", "replicas": 3}}
    granted = of_kind(found, "Permission")["syncledger"]
    twice = granted | {"spec": granted["spec"] | {"user": "syncledger"}}
    said = operators_complaints([good, wrong, granted, twice])
    assert [line.split(": ")[:2] for line in said] == [
        ["Cluster syncledger-postgres", ".spec"],
        ["Cluster syncledger-postgres", ".spec.instances"],
        ["Permission syncledger", ".spec"],
    ]


def test_what_the_servers_operators_are_referred_to_is_there() -> None:
    found = manifests("production")
    users, brokers = of_kind(found, "User"), of_kind(found, "RabbitmqCluster")
    topology = [*of_kind(found, "Vhost").values(), *users.values(), *of_kind(found, "Permission").values()]
    assert {one["spec"]["rabbitmqClusterReference"]["name"] for one in topology} == brokers.keys()
    granted = of_kind(found, "Permission")["syncledger"]["spec"]
    assert granted["userReference"]["name"] in users
    assert granted["vhost"] == of_kind(found, "Vhost")["syncledger"]["spec"]["name"]
    cluster = of_kind(found, "Cluster")["syncledger-postgres"]["spec"]
    assert cluster["postgresql"]["synchronous"]["number"] < cluster["instances"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_is_probed_limited_and_restricted(overlay: str) -> None:
    for kind, name, pod in pods(manifests(overlay)):
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
    for _, name, pod in pods(manifests(overlay)):
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
    readme = (KUBERNETES / "README.md").read_text()
    assert not [one for one in manifests(overlay) if one["kind"] == "Secret"]
    for _, name, pod in pods(manifests(overlay)):
        for entry in pod["containers"][0].get("env", ()):
            if reference := entry.get("valueFrom", {}).get("secretKeyRef"):
                assert f"`{reference['name']}` `{reference['key']}`" in readme, name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_services_survive_nodes_being_emptied(overlay: str) -> None:
    found = of_kind(manifests(overlay), "PodDisruptionBudget")
    budgets = {name: one["spec"] for name, one in found.items()}
    assert budgets.keys() == SETTINGS.keys()
    assert {budget["maxUnavailable"] for budget in budgets.values()} == {1}
    assert all(pod["topologySpreadConstraints"] for pod in services(overlay).values())


def test_live_and_bulk_are_scaled_by_their_own_queues_with_what_is_unacknowledged() -> None:
    scaled = of_kind(manifests("production"), "ScaledObject")
    queues = {
        name: {trigger["metadata"]["queueName"] for trigger in one["spec"]["triggers"]}
        for name, one in scaled.items()
    }
    assert queues["sync-worker-live"] == set(consumed_queues(Lane.SYNC))
    assert queues["sync-worker-bulk"] == set(consumed_queues(Lane.SYNC_BULK))
    assert queues["writeback"] == {*consumed_queues(Lane.WRITEBACK), *consumed_queues(Lane.WRITEBACK_BULK)}
    for one in scaled.values():
        for trigger in one["spec"]["triggers"]:
            assert trigger["metadata"]["protocol"] == "http"
            assert trigger["metadata"]["excludeUnacknowledged"] == "false"
    deployments = of_kind(manifests("production"), "Deployment")
    assert not {name for name, one in deployments.items() if "replicas" in one["spec"]} & scaled.keys()


def test_postgres_has_connections_for_all_there_can_be_and_for_a_rollout() -> None:
    found = manifests("production")
    fixed = {name: one["spec"].get("replicas") for name, one in of_kind(found, "Deployment").items()}
    scaled = {name: one["spec"]["maxReplicaCount"] for name, one in of_kind(found, "ScaledObject").items()}
    more = {"alerting": WATCHING_POOL + 1, "recorder": 1}
    each = {name: int(settings_of("production")["DATABASE_POOL_SIZE"]) + more.get(name, 0) for name in fixed}
    most = sum(each[name] * (scaled.get(name) or fixed[name]) for name in fixed)
    with_surge = most + sum(each.values())
    readme = (KUBERNETES / "README.md").read_text()
    assert f"need {most} " in readme
    assert f"at once {with_surge}," in readme
    allowed = of_kind(found, "Cluster")["syncledger-postgres"]["spec"]["postgresql"]["parameters"]
    assert with_surge + 20 <= int(allowed["max_connections"])


def test_the_rule_for_the_operator_is_what_prometheus_loads() -> None:
    rules = _rules()
    assert rules.TARGET.read_text() == rules.prometheus_rules()


def test_every_alert_leads_to_the_runbook_that_the_overlay_names(tmp_path: Path) -> None:
    named = "RUNBOOK_URL=https://syncledger.example/runbook"
    overlay = (KUBERNETES / "overlays" / "production" / "kustomization.yaml").read_text()
    assert named in overlay
    other = overlay.replace(named, "RUNBOOK_URL=https://wiki.example/on-call")
    (tmp_path / "kustomization.yaml").write_text(
        other.replace("../..", os.path.relpath(KUBERNETES, tmp_path))
    )
    groups = of_kind(rendered(tmp_path), "PrometheusRule")["syncledger-alerts"]["spec"]["groups"]
    leads = [rule["annotations"]["runbook_url"] for group in groups for rule in group["rules"]]
    assert leads
    assert [lead for lead in leads if not lead.startswith("https://wiki.example/on-call#")] == []


def test_prometheus_finds_every_service_under_its_own_name() -> None:
    found = manifests("production")
    workers = of_kind(found, "PodMonitor")["syncledger-workers"]["spec"]
    servers = of_kind(found, "ServiceMonitor")["syncledger"]["spec"]
    assert workers["jobLabel"] == servers["jobLabel"] == "app.kubernetes.io/name"
    monitored = [name for spec in (workers, servers) for name in _selected(spec)]
    assert sorted(monitored) == sorted(SETTINGS)
    [relabeling] = workers["podMetricsEndpoints"][0]["relabelings"]
    renamed = {re.sub(f"^{relabeling['regex']}$", relabeling["replacement"], name) for name in monitored}
    assert renamed == {service.name for service in SERVICES}


def _selected(monitor: Manifest) -> list[str]:
    [expression] = monitor["selector"]["matchExpressions"]
    assert (expression["key"], expression["operator"]) == ("app.kubernetes.io/name", "In")
    return list(expression["values"])
