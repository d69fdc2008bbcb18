"""Errors as RFC 9457 problem details: what is wrong, in which field, and what to do."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from query_api.field_words import words_for
from shared.db.outages import INFRASTRUCTURE_ERRORS

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"
API_VERSION_1 = "/api/v1"
DATABASE_AWAY: tuple[type[Exception], ...] = (*INFRASTRUCTURE_ERRORS, TimeoutError)
# Characters that JSON knows and Postgres does not: NUL, halves of a pair.
UNSTORABLE_TEXT: tuple[type[Exception], ...] = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
)
RETRY_AFTER_S = 5


class FieldProblem(BaseModel):
    field: str = Field(description="The parameter or header concerned", examples=["state"])
    message: str = Field(description="What is wrong with it and what it may be")


class ProblemBody(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(
        description="A stable name for programs", examples=["urn:syncledger:problem:invalid-parameter"]
    )
    title: str = Field(examples=["Invalid parameter"])
    status: int = Field(examples=[400])
    detail: str = Field(description="What happened and what to do, for people")
    errors: list[FieldProblem] = Field(default_factory=list, description="One entry per field concerned")


class Problem(Exception):
    """Raised where a request can not be answered; `word` is the stable name of the kind of problem."""

    def __init__(
        self,
        status: int,
        word: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.word = word
        self.detail = detail
        self.errors = [FieldProblem(field=field, message=detail)] if field else []
        self.headers = dict(headers or {})


def invalid(field: str, detail: str) -> Problem:
    return Problem(400, "invalid-parameter", detail, field=field)


def unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="syncledger"'})


def forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", detail)


def not_found(detail: str) -> Problem:
    return Problem(404, "not-found", detail)


def too_many(wait_s: float) -> Problem:
    seconds = math.ceil(wait_s)
    return Problem(
        429,
        "too-many-requests",
        f"This token asks more often than it may. Go on in {seconds} seconds, or ask less often.",
        headers={"Retry-After": str(seconds)},
    )


def unavailable() -> Problem:
    return Problem(
        503,
        "database-unavailable",
        f"The database does not answer. Nothing is lost; try again in {RETRY_AFTER_S} seconds.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def render(problem: Problem) -> JSONResponse:
    body = ProblemBody(
        type=f"urn:syncledger:problem:{problem.word}",
        title=problem.word.replace("-", " ").capitalize(),
        status=problem.status,
        detail=problem.detail,
        errors=problem.errors,
    )
    return JSONResponse(body.model_dump(), problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """What to tell about an error, whoever raised it. Unforeseen ones are told without their text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid_request(error.errors())
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, UNSTORABLE_TEXT):
        return Problem(
            400, "invalid-parameter", "A text holds a character that can not be stored, such as NUL."
        )
    if isinstance(error, DATABASE_AWAY):
        log.warning("database_away", reason=repr(error)[:200])
        return unavailable()
    log.error("request_crashed", exc_info=error)
    return Problem(500, "internal-error", "This is a fault of Syncledger. The log of query-api says more.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem answers of a route, for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {
        status: {"model": ProblemBody, "content": content, "description": _MEANING[status]}
        for status in statuses
    }


_MEANING = {
    400: "A parameter is not what it may be; `errors` names it",
    401: "No token, or one that is unknown, revoked or expired",
    403: "The token's role does not allow this",
    404: "Nothing there that this token may see",
    409: "It does not go together with what is there; the detail says with what",
    410: "It was there, and has expired",
    429: "This token asked more often than it may; `Retry-After` says when to go on",
    503: "The database does not answer",
}


def _invalid_request(errors: Sequence[Any]) -> Problem:
    fields = [FieldProblem(field=_field_name(error["loc"]), message=_sentence(error)) for error in errors]
    problem = Problem(400, "invalid-parameter", " ".join(f"{item.field}: {item.message}." for item in fields))
    problem.errors = fields
    return problem


def _field_name(location: Sequence[Any]) -> str:
    """`("query", "state", 0)` is the field `state`."""
    names = [str(part) for part in location[1:] if isinstance(part, str)]
    return ".".join(names) or str(location[0])


def _sentence(error: Any) -> str:
    return words_for(error["type"], error.get("ctx") or {}) or str(error["msg"]).removeprefix("Value error, ")


def _http_problem(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return Problem(
            404, "not-found", "There is nothing at this address. /api/v1/openapi.json lists what there is."
        )
    if error.status_code == 405:
        return Problem(
            405, "method-not-allowed", "This address does not take this method.", headers=error.headers
        )
    return Problem(error.status_code, "http-error", str(error.detail), headers=error.headers)
