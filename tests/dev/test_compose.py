"""The compose file and .env.example say what the services read, and nothing else."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from alerting.settings import AlertingSettings
from devstack import containers, rabbitmq
from devstack.services import SERVICES
from devstack.workspace import ROOT
from ingest.settings import IngestSettings
from query_api.recorder.settings import RecorderSettings
from query_api.settings import QueryApiSettings
from sandbox.settings import Settings as SandboxSettings
from shared.vault import Vault
from sync_worker.settings import Settings as SyncWorkerSettings
from writeback.settings import WritebackSettings

SETTINGS: Mapping[str, type[BaseSettings]] = {
    "ingest": IngestSettings,
    "recorder": RecorderSettings,
    "query-api": QueryApiSettings,
    "sync-worker": SyncWorkerSettings,
    "writeback": WritebackSettings,
    "alerting": AlertingSettings,
}
ONE_RELEASE = re.compile(r":v?\d+\.\d+(\.\d+)?(-|$)")
NUMBER = re.compile(r"\d+(\.\d+)?")
OF_THE_IMAGE = {"HOST", "SERVICE_INSTANCE"}
WITH_A_HEALTH_CHECK_OF_ITS_OWN = {"postgres", "rabbitmq"}
SECRETS = {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "GRAFANA_ADMIN_PASSWORD", "SECRET_KEYS"}
SECRETS_OF_THE_DEMO = {"DEMO_SECRET"}
SENDERS = {
    "WEBHOOK_SECRET",
    "ENGAGE_WEBHOOK_SECRET",
    "WOOCOMMERCE_SECRET",
    "STANDARD_SECRET",
    "SHIPPER_SECRET",
}
MAKES_ENV = ROOT / "deploy/docker/env.sh"
DOCKERFILE = (ROOT / "deploy/docker/Dockerfile").read_text()
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES_OF_COMPOSE: dict[str, dict[str, Any]] = COMPOSE["services"]
LISTED = re.findall(r"^(# )?([A-Z][A-Z_0-9]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)


def read_by(settings: type[BaseSettings]) -> set[str]:
    return {name.upper() for name in settings.model_fields}


def used_in_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_0-9]+)", COMPOSE_TEXT))


def test_every_service_of_the_product_is_in_the_compose_file() -> None:
    assert {service.name for service in SERVICES} == SETTINGS.keys()
    assert SETTINGS.keys() <= SERVICES_OF_COMPOSE.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_service_is_given_exactly_the_settings_it_reads(name: str) -> None:
    assert set(SERVICES_OF_COMPOSE[name]["environment"]) == read_by(SETTINGS[name]) - OF_THE_IMAGE


def test_the_sandbox_is_given_settings_it_reads() -> None:
    assert set(SERVICES_OF_COMPOSE["sandbox"]["environment"]) <= read_by(SandboxSettings)


def test_the_example_lists_every_setting_once_and_no_other() -> None:
    names = [name for _, name, _ in LISTED]
    read = set().union(*(read_by(settings) for settings in SETTINGS.values()))
    assert sorted(names) == sorted(read | used_in_compose())


def test_what_the_example_shows_as_default_is_the_default() -> None:
    defaults: dict[str, set[str]] = {}
    for settings in SETTINGS.values():
        for name, field in settings.model_fields.items():
            defaults.setdefault(name.upper(), set()).add(str(field.default))
    shown = {name: value for hidden, name, value in LISTED if hidden and name in defaults}
    wrong = {
        n: v for n, v in shown.items() if NUMBER.fullmatch(v) and float(v) not in map(float, defaults[n])
    }
    assert not wrong


def test_nothing_starts_with_a_secret_everybody_knows() -> None:
    empty = {name for hidden, name, value in LISTED if not hidden and not value}
    assert empty == SECRETS | SECRETS_OF_THE_DEMO
    for secret in SECRETS:
        uses = re.findall(rf"\$\{{{secret}[^}}]*\}}", COMPOSE_TEXT)
        assert uses
        assert all(":?" in use for use in uses)


def test_what_delivers_for_the_demos_shop_is_known_to_nobody_else() -> None:
    given = SERVICES_OF_COMPOSE["sandbox"]["environment"]
    assert all("${DEMO_SECRET:-}" in given[name] for name in SENDERS)
    assert len({given[name] for name in SENDERS}) == len(SENDERS)


def test_the_demo_refuses_to_begin_without_a_secret_of_its_own() -> None:
    script = ROOT / "deploy/docker/demo.sh"
    for secret in ("", "secret"):
        done = subprocess.run(
            ["sh", str(script)], env={"DEMO_SECRET": secret}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "DEMO_SECRET" in done.stderr


def test_every_secret_is_made_at_random_and_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    made = [tmp_path / "one", tmp_path / "two"]
    for path in made:
        subprocess.run(["sh", str(MAKES_ENV), str(path)], capture_output=True, check=True)
    one, two = (dict(re.findall(r"^([A-Z_0-9]+)=(.+)$", path.read_text(), re.MULTILINE)) for path in made)
    secrets = SECRETS | SECRETS_OF_THE_DEMO
    assert {name for name in one if one[name] != two[name]} == secrets
    assert all(len(one[name]) >= 32 for name in secrets)
    Vault(one["SECRET_KEYS"])
    assert made[0].stat().st_mode & 0o077 == 0
    kept = subprocess.run(["sh", str(MAKES_ENV), str(made[0])], capture_output=True, check=False)
    assert kept.returncode == 1


def test_services_wait_for_services_that_exist_and_can_say_that_they_are_ready() -> None:
    for service in SERVICES_OF_COMPOSE.values():
        for other, how in conditions(service):
            assert other in SERVICES_OF_COMPOSE
            if how == "service_healthy":
                by_image = "build" in SERVICES_OF_COMPOSE[other] and "HEALTHCHECK" in DOCKERFILE
                assert by_image or other in WITH_A_HEALTH_CHECK_OF_ITS_OWN
                assert by_image or "healthcheck" in SERVICES_OF_COMPOSE[other]


def conditions(service: dict[str, Any]) -> list[tuple[str, str]]:
    waits = service.get("depends_on", {})
    if isinstance(waits, list):
        return [(other, "service_started") for other in waits]
    return [(other, how["condition"]) for other, how in waits.items()]


def test_mounted_files_and_volumes_exist() -> None:
    for service in SERVICES_OF_COMPOSE.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", [n for n, service in SERVICES_OF_COMPOSE.items() if "build" in service])
def test_an_image_of_ours_runs_without_rights(name: str) -> None:
    service = SERVICES_OF_COMPOSE[name]
    assert (ROOT / service["build"]["dockerfile"]).exists()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_the_sandbox_runs_only_when_asked_for() -> None:
    assert {n for n, service in SERVICES_OF_COMPOSE.items() if service.get("profiles")} == {
        "sandbox",
        "demo-shop",
        "demo",
    }


def test_our_images_are_named_alike_here_and_on_kubernetes() -> None:
    ours = {service["image"] for service in SERVICES_OF_COMPOSE.values() if "build" in service}
    named = {re.fullmatch(r"\$\{SYNCLEDGER_IMAGES:-(.+?)\}(/.+):\$\{.+\}", image) for image in ours}
    here = {f"{name[1]}{name[2]}" for name in named if name}
    files = (ROOT / "deploy/kubernetes").rglob("*.yaml")
    there = {image for path in files for image in re.findall(r"image: (syncledger\S+)", path.read_text())}
    assert len(here) == len(ours)
    assert here == there


def test_every_image_of_others_is_one_release() -> None:
    theirs = [service["image"] for service in SERVICES_OF_COMPOSE.values() if "build" not in service]
    bases = re.findall(r"^ARG \w+_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert [image for image in (*theirs, *bases) if not ONE_RELEASE.search(image)] == []


def test_the_servers_are_the_same_here_on_kubernetes_and_for_development() -> None:
    ours = {SERVICES_OF_COMPOSE[name]["image"] for name in ("postgres", "rabbitmq")}
    files = (ROOT / "deploy/kubernetes").rglob("*.yaml")
    demo = {
        image
        for path in files
        for image in re.findall(r"image: ((?:postgres|rabbitmq):\S+)", path.read_text())
    }
    assert demo == ours == {containers.POSTGRES_IMAGE, containers.RABBITMQ_IMAGE}


def test_every_rabbitmq_tries_again_soon_to_hand_on_what_came_due() -> None:
    setting = re.compile(r"dead_letter_worker_publisher_confirm_timeout,? 10000\b")
    servers = [ROOT / "docker-compose.yml", *(ROOT / "deploy/kubernetes").rglob("*.yaml")]
    texts = {str(path): path.read_text() for path in servers if "image: rabbitmq:" in path.read_text()}
    assert len(texts) == 3
    assert [path for path, text in texts.items() if not setting.search(text)] == []
    assert setting.search(rabbitmq.TRIES_AGAIN)
