"""How the Selling Partner API says no."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from starlette.responses import Response

from sandbox.answers import json_answer


class Refusal(Exception):
    """An answer other than success: `{"errors": [{"code", "message", "details"}]}`."""

    def __init__(self, status: int, code: str, message: str, details: str = "") -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.content = {"errors": [{"code": code, "message": message, "details": details}]}

    def answer(self) -> Response:
        return json_answer(self.content, status=self.status, headers={"x-amzn-RequestId": str(uuid4())})


def invalid(message: str, details: str = "") -> Refusal:
    return Refusal(400, "InvalidInput", message, details)


def from_validation(error: ValidationError) -> Refusal:
    """Names every field that is wrong, in the wire's own spelling."""
    problems = [f"{_named(e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)]
    return invalid("The request is not valid.", "; ".join(problems))


def told(code: str) -> dict[str, Any]:
    """An injected failure in Amazon's words."""
    known = {"TooManyRequests": "QuotaExceeded", "ServiceUnavailable": "ServiceUnavailable"}
    message = "You exceeded your quota for the requested resource." if code in known else code
    return {"errors": [{"code": known.get(code, code), "message": message, "details": "injected"}]}


def _named(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location) or "body"
