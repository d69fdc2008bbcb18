"""The control API's door to the fault switches."""

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.faults import FaultBoard, FaultRule

_RULES = TypeAdapter(list[FaultRule])


async def list_faults(request: Request) -> Response:
    board: FaultBoard = request.app.state.faults
    return json_answer(board.describe())


async def put_faults(request: Request) -> Response:
    """Replace all rules with the list in the body; 422 names what is wrong."""
    board: FaultBoard = request.app.state.faults
    try:
        rules = _RULES.validate_json(await request.body())
    except ValidationError as error:
        return Response(
            error.json(include_url=False, include_context=False), 422, media_type="application/json"
        )
    board.arm(rules)
    return json_answer(board.describe())


async def delete_faults(request: Request) -> Response:
    """Remove all rules and answer what they did."""
    board: FaultBoard = request.app.state.faults
    done = board.describe()
    board.arm([])
    return json_answer(done)


ROUTES = [
    Route("/control/faults", list_faults, methods=["GET"]),
    Route("/control/faults", put_faults, methods=["PUT"]),
    Route("/control/faults", delete_faults, methods=["DELETE"]),
]
