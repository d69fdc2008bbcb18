"""What Prometheus and Grafana are given, read from their files; and what the services export."""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))

# What RabbitMQ's plugin and Prometheus itself export.
NOT_OURS = {
    "up",
    "ALERTS",
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_connections",
    "rabbitmq_process_resident_memory_bytes",
    "rabbitmq_disk_space_available_bytes",
    "rabbitmq_detailed_queue_messages_ready",
    "rabbitmq_detailed_queue_messages_unacked",
    "rabbitmq_detailed_queue_consumers",
}
_SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
}
_NAME = re.compile(
    r"\b(?:\w+:)?(?:syncledger|rabbitmq|process|python)_\w+(?::\w+)*|\bsyncledger:\w+:\w+|\b(?:up|ALERTS)\b"
)
_TEXT = re.compile(r'"[^"]*"')


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for path in RULES
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def recorded() -> set[str]:
    return {rule["record"] for rule in rules() if "record" in rule}


def panels(dashboard: Path) -> Iterator[dict[str, Any]]:
    """All that show something; rows only part them."""
    return (panel for panel in json.loads(dashboard.read_text())["panels"] if panel["type"] != "row")


def queries(dashboard: Path) -> list[str]:
    return [target["expr"] for panel in panels(dashboard) for target in panel.get("targets", [])]


def names_in(query: str) -> set[str]:
    """Metrics and recorded series that a query reads."""
    return set(_NAME.findall(_TEXT.sub("", query)))


def exported() -> set[str]:
    """Every series the services can export, from their own registries."""
    for module in _measuring_modules():
        importlib.import_module(module)
    return {
        metric.name + suffix for metric in REGISTRY.collect() for suffix in _SUFFIXES.get(metric.type, ("",))
    }


def _measuring_modules() -> Iterator[str]:
    for place in (ROOT / "shared/src", *(ROOT / "services").glob("*/src")):
        for path in place.rglob("*.py"):
            if "from prometheus_client import" in path.read_text():
                yield ".".join(path.relative_to(place).with_suffix("").parts)
