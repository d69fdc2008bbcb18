"""Each service reaches, and is reached by, only what it has to: the policies as a cluster would read them."""

from typing import Any

import pytest

from tests.dev.manifests import of_kind, overlay

INSIDE = {"names", "postgres", "rabbitmq", "collector"}
OUT = {
    "ingest": INSIDE,
    "recorder": INSIDE,
    "query-api": INSIDE | {"others"},
    "sync-worker-live": INSIDE | {"others"},
    "sync-worker-bulk": INSIDE | {"others"},
    "writeback": INSIDE | {"others"},
    "alerting": INSIDE | {"others", "mail"},
    "migrate": {"names", "postgres"},
}
IN = {name: {"metrics"} for name in OUT} | {
    "ingest": {"metrics", "visitors"},
    "query-api": {"metrics", "visitors"},
    "migrate": set[str](),
}
PRIVATE = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"}


def _policies() -> dict[str, Any]:
    found = of_kind(overlay("production"), "NetworkPolicy")
    return {name.removeprefix("syncledger-").removeprefix("to-"): one["spec"] for name, one in found.items()}


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(
        (labels.get(one["key"]) in one["values"]) is (one["operator"] == "In")
        for one in selector.get("matchExpressions", ())
    )


def _labels() -> dict[str, dict[str, str]]:
    ours = of_kind(overlay("production"), "Deployment") | of_kind(overlay("production"), "Job")
    return {name: one["spec"]["template"]["metadata"]["labels"] for name, one in ours.items()}


@pytest.mark.parametrize("direction", ["egress", "ingress"])
def test_every_service_may_do_what_it_has_to_and_no_more(direction: str) -> None:
    allowed = {
        name: {
            policy
            for policy, spec in _policies().items()
            if spec.get(direction) and _selects(spec["podSelector"], labels)
        }
        for name, labels in _labels().items()
    }
    assert allowed == (OUT if direction == "egress" else IN)


def test_all_else_is_denied_to_every_pod_of_ours() -> None:
    deny = _policies()["deny"]
    assert set(deny["policyTypes"]) == {"Ingress", "Egress"}
    assert not {"egress", "ingress"} & deny.keys()
    assert all(_selects(deny["podSelector"], labels) for labels in _labels().values())


def test_no_policy_opens_a_port_to_anywhere_or_a_place_on_any_port() -> None:
    rules = [
        rule
        for spec in _policies().values()
        for direction in ("egress", "ingress")
        for rule in spec.get(direction, ())
    ]
    assert rules
    for rule in rules:
        assert rule["ports"]
        for peer in rule.get("to") or rule["from"]:
            if "ipBlock" in peer:
                assert set(peer["ipBlock"]["except"]) >= PRIVATE
