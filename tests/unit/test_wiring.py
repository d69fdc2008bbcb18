"""Nothing of the catalogue is forgotten: each type has a handler in its lane's service, a story and docs."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from alerting.handlers import registry as alerting_registry
from alerting.telling import Teller
from ingest.sources.shopify import TASK_TYPES
from shared.clients.http import build_http_client
from shared.tasks import CATALOGUE, Lane, TaskType
from shared.vault import Vault
from sync_worker.clients.systems import build_systems
from sync_worker.handlers import registry
from sync_worker.webhook_topics import TOPICS
from tests.acceptance.stories import STORIES
from writeback.clients import systems as writeback_systems
from writeback.handlers import registry as writeback_registry

COMPLIANCE = {"customers/data_request", "customers/redact", "shop/redact"}
DOCS = Path(__file__).parents[2] / "docs"
ACCEPTANCE = Path(__file__).parents[1] / "acceptance"
HOW_TO = "see docs/adding-a-task.md"


def _handled() -> dict[Lane, set[TaskType]]:
    client, vault = build_http_client(connections=1, read_timeout_s=1), Vault(Fernet.generate_key().decode())
    sync = set(registry(build_systems(client, vault, crm_requests_per_second=1)))
    writeback = set(writeback_registry(writeback_systems.build_systems(client, vault)))
    return {
        Lane.SYNC: sync,
        Lane.SYNC_BULK: sync,
        Lane.WRITEBACK: writeback,
        Lane.WRITEBACK_BULK: writeback,
        Lane.ALERTS: set(alerting_registry(Teller({}))),
    }


def test_every_type_is_in_the_catalogue() -> None:
    assert set(CATALOGUE) == set(TaskType)


@pytest.mark.parametrize("task_type", list(TaskType))
def test_every_type_has_a_handler_in_the_service_that_consumes_its_lane(task_type: TaskType) -> None:
    assert task_type in _handled()[CATALOGUE[task_type].lane]


def test_shops_are_asked_to_send_what_ingest_takes_and_nothing_else() -> None:
    assert set(TOPICS) == set(TASK_TYPES) - COMPLIANCE


def test_no_handler_is_left_over() -> None:
    handled = set().union(*_handled().values())
    assert handled <= set(CATALOGUE)


@pytest.mark.parametrize("task_type", list(TaskType))
def test_every_type_has_its_row_in_the_architecture(task_type: TaskType) -> None:
    assert f"| `{task_type}`" in (DOCS / "architecture.md").read_text()


@pytest.mark.parametrize("task_type", list(TaskType))
def test_every_type_has_a_story_that_names_it(task_type: TaskType) -> None:
    story = STORIES.get(task_type)
    assert story, (
        f"{task_type} has no story: name its acceptance test in tests/acceptance/stories.py; {HOW_TO}"
    )
    file, _, function = story.partition("::")
    assert (ACCEPTANCE / file).is_file(), f"the story of {task_type} is in no file: tests/acceptance/{file}"
    text = (ACCEPTANCE / file).read_text()
    assert f"def {function}(" in text, (
        f"{file} has no test {function}, which is to be the story of {task_type}"
    )
    is_named = f'"{task_type}"' in text or f"TaskType.{task_type.name}" in text
    assert is_named, (
        f"{file} does not name {task_type}: its story has to see a task of that type end; {HOW_TO}"
    )


@pytest.mark.parametrize("task_type", list(TaskType))
def test_an_attempt_ends_well_before_the_broker_takes_its_message_back(task_type: TaskType) -> None:
    assert CATALOGUE[task_type].timeout_s <= 20 * 60
