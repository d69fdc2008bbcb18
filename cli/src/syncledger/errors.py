"""What can go wrong, and how the command ends then.

Stop
├── Mistake      something was given that can not be: exit code 2
├── Refused      the API says no, and why: exit code 1
└── Unreachable  nobody answers, or not as Syncledger does: exit code 3
"""

from typing import ClassVar


class Stop(Exception):
    """The message says what happened and what to do."""

    code: ClassVar[int] = 1


class Mistake(Stop):
    code = 2


class Refused(Stop):
    """`status`: of the answer."""

    code = 1

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(Stop):
    code = 3
