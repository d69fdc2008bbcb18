"""A sentence about what was just done, shown once on the page that follows."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from query_api.problems import Problem

COOKIE = "syncledger_notice"
_LONGEST = 1_500
_KEPT_S = 60


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, in words. It is the visitor's own cookie, so it says nothing that is secret."""

    text: str
    is_bad: bool = False


def done(address: str, text: str) -> Response:
    """Leads on to a page of ours that says so."""
    return _leading(address, Notice(text))


def refused(address: str, problem: Problem) -> Response:
    """Leads back to a page of ours that says why nothing was done."""
    return _leading(address, Notice(problem.detail, is_bad=True))


def notice_of(request: Request) -> Notice | None:
    """None too when the cookie is not one of ours."""
    try:
        text, is_bad = json.loads(urlsafe_b64decode(request.cookies[COOKIE]))
    except (KeyError, ValueError):
        return None
    return Notice(str(text), is_bad=bool(is_bad))


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def _leading(address: str, notice: Notice) -> Response:
    content = urlsafe_b64encode(json.dumps([notice.text[:_LONGEST], notice.is_bad]).encode()).decode()
    response = RedirectResponse(address, 303)
    response.set_cookie(COOKIE, content, max_age=_KEPT_S, httponly=True, samesite="lax")
    return response
