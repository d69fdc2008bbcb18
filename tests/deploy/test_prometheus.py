"""Rules are valid, each alert is tried and explained, and none reads what nobody exports."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from devstack.services import SERVICES
from tests.deploy.watching import NOT_OURS, PROMETHEUS, ROOT, alerts, exported, names_in, recorded, rules

RUNBOOK = (ROOT / "docs/runbook.md").read_text()
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))


def promtool(programs: Path, *arguments: str | Path) -> str:
    command = [programs / "promtool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_configuration_and_rules(prometheus_programs: Path) -> None:
    said = promtool(prometheus_programs, "check", "config", "prometheus.yml")
    assert sum(int(n) for n in re.findall(r"(\d+) rules found", said)) == len(rules())


def test_every_rule_does_what_its_cases_say(prometheus_programs: Path) -> None:
    assert promtool(prometheus_programs, "test", "rules", *TESTS).count("SUCCESS") == len(TESTS)


def test_every_alert_has_a_case_that_fires_and_one_that_is_quiet() -> None:
    tried = {case["name"] for path in TESTS for case in yaml.safe_load(path.read_text())["tests"]}
    names = {alert["alert"] for alert in alerts()}
    assert {f"{name} fires" for name in names} - tried == set()
    assert {f"{name} is quiet" for name in names} - tried == {"SyncledgerWatchdog is quiet"}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_leads_to_its_section_of_the_runbook(alert: dict[str, dict[str, str]]) -> None:
    name = str(alert["alert"])
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"{{{{ $externalLabels.runbook }}}}#{name.lower()}"
    assert re.search(rf"^### {name}$", RUNBOOK, re.MULTILINE)
    assert alert["labels"]["severity"] in {"critical", "warning", "none"}


def test_rules_read_only_what_is_exported() -> None:
    known = exported() | recorded() | NOT_OURS
    unknown = {
        (rule.get("alert") or rule["record"], name) for rule in rules() for name in names_in(rule["expr"])
    }
    assert {one for one in unknown if one[1] not in known} == set()


def test_the_runbooks_address_is_a_setting_and_no_label_of_alerts() -> None:
    configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert configuration["global"]["external_labels"] == {"runbook": "${RUNBOOK_URL}"}
    dropped = {"action": "labeldrop", "regex": "runbook"}
    assert configuration["alerting"]["alert_relabel_configs"] == [dropped]


def test_every_service_is_scraped_under_its_name() -> None:
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    ports = {job["job_name"]: job.get("dns_sd_configs", [{}])[0].get("port") for job in jobs}
    assert {service.name: ports.get(service.name) for service in SERVICES} == {
        service.name: service.default_port for service in SERVICES
    }


def test_only_the_capped_family_names_shops() -> None:
    naming = re.compile(r'"(syncledger_\w+)"[^()]*\[[^\]]*"(?:shop|shop_id|task_id|order_number|account_id)"')
    sources = [path for place in ("shared", "services") for path in (ROOT / place).rglob("*.py")]
    named = {name for path in sources for name in naming.findall(path.read_text())}
    assert {name for name in named if not name.startswith("syncledger_shop_")} == set()
    assert len(named) == 4
