"""One running stack for the stories that share it, and what it says of itself when one of them fails."""

import asyncio
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.postgres import temporary_home
from devstack.rabbitmq_lean import METRICS
from devstack.servers import Place, own_postgres, own_rabbit
from shared.db.migrate import upgrade
from tests.acceptance.stack import Stack, running_stack

STACKS = 2


@pytest.fixture(scope="session")
def shared_stack(server_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product on servers that stories may stop and start."""
    postgres = own_postgres(Place(temporary_home(), server_logs / "stack-postgres.log", durable=False))
    home = Path(tempfile.mkdtemp(prefix="syncledger-rabbitmq-"))
    rabbitmq = own_rabbit(Place(home, server_logs / "stack-rabbitmq.log"), print, plugins=[METRICS])
    data = tmp_path_factory.mktemp("stack")
    for server in (postgres, rabbitmq):
        server.start()
    upgrade(postgres.url)
    with running_stack(data, postgres, rabbitmq) as stack:
        yield stack
    for server in (postgres, rabbitmq):
        server.kill()
        server.discard()


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories that share a stack go to as few workers as take no longer than all others: starting one costs
    twenty seconds of a processor. They begin first."""
    sharing = [
        item for item in items if isinstance(item, pytest.Function) and "shared_stack" in item.fixturenames
    ]
    files = sorted({item.path for item in sharing})
    for item in sharing:
        item.add_marker(pytest.mark.xdist_group(f"stack-{files.index(item.path) % STACKS}"))
        item.add_marker(pytest.mark.long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A story that failed tells which tasks there were meanwhile."""
    report = yield
    stack = item.funcargs.get("shared_stack")
    if report.failed and call.when == "call" and isinstance(stack, Stack):
        told = asyncio.run(_told(stack, since=call.start))
        report.sections.append(("Tasks of the story's time", told))
    return report


async def _told(stack: Stack, *, since: float) -> str:
    try:
        tasks: list[dict[str, Any]] = await stack.tasks_since(since)
    except Exception as error:  # noqa: BLE001 - the story's own failure matters more
        return repr(error)
    return "\n".join(" ".join(str(value) for value in task.values() if value is not None) for task in tasks)
