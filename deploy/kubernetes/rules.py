"""Writes the PrometheusRules from the rules that Prometheus itself loads."""

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
TARGET = HERE / "components" / "monitoring" / "rules.yaml"
_TITLE = "# Made of deploy/prometheus/rules by `python deploy/kubernetes/rules.py`; a test compares.\n"


def prometheus_rules() -> str:
    """The text of the manifests: what is recorded, and the alerts, whose runbook overlays may name."""
    files = sorted((HERE.parent / "prometheus" / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    recorded = [group for group in groups if all("record" in rule for rule in group["rules"])]
    alerts = [group for group in groups if group not in recorded]
    manifests = [_manifest("syncledger-recorded", recorded), _manifest("syncledger-alerts", alerts)]
    return _TITLE + yaml.safe_dump_all(manifests, sort_keys=False, allow_unicode=True, width=110)


def _manifest(name: str, groups: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": name},
        "spec": {"groups": groups},
    }


if __name__ == "__main__":
    TARGET.write_text(prometheus_rules())
