"""Writes the PrometheusRule from the rules that Prometheus itself loads."""

from pathlib import Path

import yaml

HERE = Path(__file__).parent
TARGET = HERE / "components" / "monitoring" / "rules.yaml"
_TITLE = "# Made of deploy/prometheus/rules by `python deploy/kubernetes/rules.py`; a test compares.\n"


def prometheus_rule() -> str:
    """The text of the manifest."""
    files = sorted((HERE.parent / "prometheus" / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    manifest = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "syncledger"},
        "spec": {"groups": groups},
    }
    return _TITLE + yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    TARGET.write_text(prometheus_rule())
