"""Questions to the sandbox, which answers late on a busy machine."""

from typing import Any

import httpx

from tests.chaos.scene import insistently

PATIENCE_S = 60


async def ask(sandbox: httpx.AsyncClient, page: str) -> Any:
    """What the page of its control API says, once it does."""
    answers: list[Any] = []

    async def get() -> None:
        answer = await sandbox.get(f"/control/{page}", timeout=PATIENCE_S)
        answers.append(answer.raise_for_status().json())

    await insistently(get, httpx.HTTPError)
    return answers[0]
