"""Composition root of the sandbox."""

import argparse
import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from sandbox import fault_control, memory, status
from sandbox.answers import InvalidInput, json_answer
from sandbox.engage import control as engage_control
from sandbox.engage.app import Engage
from sandbox.faults import FaultBoard
from sandbox.server import server_for
from sandbox.settings import Settings


def build_app(settings: Settings) -> Starlette:
    """The whole outside world as one ASGI application; nothing runs before its lifespan starts."""
    faults = FaultBoard(seed=settings.seed or secrets.token_hex(8))
    engage = Engage(settings.engage_api_key, faults)
    app = Starlette(
        routes=[
            *status.ROUTES,
            *fault_control.ROUTES,
            *engage_control.ROUTES,
            Mount("/engage", app=engage.app),
        ],
        exception_handlers={InvalidInput: refuse_input},
        lifespan=lambda app: _lifespan(engage, settings.state_file),
    )
    app.state.faults, app.state.engage = faults, engage
    return app


async def refuse_input(request: Request, error: Exception) -> Response:
    return json_answer({"error": str(error)}, status=422)


@contextlib.asynccontextmanager
async def _lifespan(engage: Engage, file: Path | None) -> AsyncIterator[None]:
    if file is None:
        yield
        return
    memory.restore(engage, file)
    saving = asyncio.create_task(memory.keep_saving(engage, file))
    yield
    saving.cancel()
    memory.save(engage, file)


def main() -> None:
    options = argparse.ArgumentParser(description="The outside world for demos and tests.")
    options.add_argument(
        "--state", type=Path, metavar="FILE", help="keep the CRM's content in FILE over a restart"
    )
    settings = Settings()
    settings.state_file = options.parse_args().state or settings.state_file
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    server_for(
        build_app(settings), host=settings.host, port=settings.port, log_level=settings.log_level
    ).run()


if __name__ == "__main__":
    main()
