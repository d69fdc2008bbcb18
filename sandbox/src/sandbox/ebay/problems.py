"""What the Trading API answers when a call is not carried out: HTTP 200 with an Ack of Failure."""

from typing import Any

from sandbox.ebay.terms import Problem


class Failure(Exception):
    """Raised by calls; `classification`: RequestError, or SystemError for what may pass."""

    def __init__(
        self, code: str, message: str, *, classification: str = "RequestError", **about: str
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.classification = classification
        self.about = about

    @property
    def errors(self) -> list[dict[str, Any]]:
        parameters = [{"@ParamID": name, "Value": value} for name, value in self.about.items()]
        facts = {"code": self.code, "message": self.message, "classification": self.classification}
        return [{**_error(**facts, severity="Error"), "ErrorParameters": parameters or None}]


def errors_of(problem: Problem) -> list[dict[str, Any]]:
    """The problem, and a remark beside it: answers have several errors."""
    error = _error(problem.code, problem.message, problem.classification, problem.severity)
    remark = _error("21920", "This is a test.", "RequestError", "Warning")
    return [remark, error]


def _error(code: str, message: str, classification: str, severity: str) -> dict[str, Any]:
    return {
        "ShortMessage": message,
        "LongMessage": message,
        "ErrorCode": code,
        "SeverityCode": severity,
        "ErrorClassification": classification,
    }
