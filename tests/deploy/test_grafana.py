"""Dashboards are complete, lead on, and show only what is exported and recorded."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.watching import (
    DASHBOARDS,
    NOT_OURS,
    ROOT,
    alerts,
    exported,
    names_in,
    panels,
    queries,
    recorded,
)

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
GRAFANA = ROOT / "deploy/grafana"
each_dashboard = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    dashboard: dict[str, Any] = json.loads(path.read_text())
    return dashboard


def test_there_is_a_dashboard_for_each_subject() -> None:
    subjects = {"overview", "tasks", "connections", "rabbitmq", "log", "shop"}
    assert {path.stem for path in DASHBOARDS} == subjects
    assert {read(path)["uid"] for path in DASHBOARDS} == {f"syncledger-{subject}" for subject in subjects}


@each_dashboard
def test_panels_read_only_what_is_exported(path: Path) -> None:
    known = exported() | recorded() | NOT_OURS
    assert {name for query in queries(path) for name in names_in(query)} - known == set()
    assert [query for query in queries(path) if not names_in(query)] == []


@each_dashboard
def test_a_panel_has_a_title_a_unit_and_the_chosen_data_source(path: Path) -> None:
    for panel in panels(path):
        assert panel["title"]
        assert panel["targets"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert {source["uid"] for source in sources} == {"${datasource}"}


@each_dashboard
def test_a_dashboard_leads_to_console_and_runbook(path: Path) -> None:
    dashboard = read(path)
    leads = {link["title"] for link in dashboard["links"]}
    assert leads >= {"Console", "Runbook"}
    anchors = re.findall(r"\$\{runbook\}#(\w+)", path.read_text())
    headings = {heading.lower() for heading in re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)}
    assert set(anchors) - headings == set()
    asked = {one["name"]: one["query"] for one in dashboard["templating"]["list"]}
    for address in ("console", "runbook"):
        assert asked[address]["query"] == f"label_values(syncledger_addresses_info, {address})"
    assert "://" not in path.read_text()


@each_dashboard
def test_a_panel_shows_from_where_on_its_alert_fires(path: Path) -> None:
    rules = {alert["alert"].lower(): alert["expr"] for alert in alerts()}
    for panel in (one for one in panels(path) if one["type"] != "table"):
        shown = {step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]}
        read = {name for target in panel["targets"] for name in names_in(target["expr"])}
        for lead in panel.get("links", ()):
            rule = rules[lead["url"].partition("#")[2]]
            limits = {float(n) or 1.0 for n in re.findall(r"(?:[<>]=?|==) ([\d.]+)", rule)}
            assert not read & names_in(rule) or limits & shown, panel["title"]


@each_dashboard
def test_a_dashboard_is_not_edited_in_place(path: Path) -> None:
    dashboard = read(path)
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    assert variables[:3] == ["datasource", "console", "runbook"]
    assert (dashboard["editable"], dashboard["refresh"], dashboard["timezone"]) == (False, "30s", "browser")


@each_dashboard
def test_panels_do_not_lie_on_each_other(path: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in read(path)["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken
        taken |= cells


def test_grafana_finds_what_is_provisioned() -> None:
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/syncledger.yml").read_text())
    assert source["datasources"][0]["url"] == "${PROMETHEUS_URL}"
    assert provider["providers"][0]["options"]["path"] == "/var/lib/grafana/dashboards"
