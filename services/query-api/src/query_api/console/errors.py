"""Errors as pages that say what to do."""

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from query_api.console.rendering import page
from query_api.problems import Problem

_TITLES = {
    400: "This address does not make sense",
    403: "Not with this token",
    404: "Nothing here",
    429: "Too many requests",
    503: "The database does not answer",
}


@dataclass(frozen=True, slots=True)
class ErrorView:
    """`retry_after_s`: the page loads itself again after so many seconds."""

    status: int
    title: str
    detail: str
    retry_after_s: int | None


def error_page(request: Request, problem: Problem) -> Response:
    retry_after = problem.headers.get("Retry-After")
    view = ErrorView(
        status=problem.status,
        title=_TITLES.get(problem.status, "Something went wrong"),
        detail=problem.detail,
        retry_after_s=int(retry_after) if retry_after and request.method == "GET" else None,
    )
    return page("error.html", status=problem.status, headers=problem.headers, error=view)
