"""How the CRM says no."""

from pydantic import ValidationError
from starlette.responses import Response

from sandbox.answers import json_answer


class Refusal(Exception):
    """An answer other than success: HTTP status, machine word, text and the field concerned."""

    def __init__(self, status: int, code: str, message: str = "", *, field: str | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.content = {"errorCode": code, "message": message or code, **({"field": field} if field else {})}

    def answer(self) -> Response:
        return json_answer(self.content, status=self.status)


def contact_not_found(key: str) -> Refusal:
    return Refusal(404, "ContactNotFound", f"no contact matches {key!r}")


def from_validation(error: ValidationError) -> Refusal:
    """400 naming every field that is wrong, in the wire's own spelling."""
    problems = [
        (".".join(str(part) for part in e["loc"]), str(e["msg"])) for e in error.errors(include_input=False)
    ]
    text = "; ".join(f"{field or 'body'}: {message}" for field, message in problems)
    return Refusal(400, "ValidationFailed", text, field=problems[0][0])
