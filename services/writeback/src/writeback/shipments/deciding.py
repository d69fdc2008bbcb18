"""What a target has to be told about a package, from how the package stands. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Step(StrEnum):
    """SETTLE: the target has it as it should be, and only our own row does not say so yet."""

    SHIP = "ship"
    CORRECT = "correct"
    CANCEL = "cancel"
    SETTLE = "settle"
    NOTHING = "nothing"

    @property
    def is_told(self) -> bool:
        """Whether it is a request to the target."""
        return self in (Step.SHIP, Step.CORRECT, Step.CANCEL)


class ShipmentState(StrEnum):
    PENDING = "pending"
    SYNCED = "synced"
    FAILED = "failed"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Standing:
    """`version` is what the sender wants, `told_version` what the target is known to have, `tried_version`
    the newest it may have. `is_known`: the target has the package. `is_same`: with just this tracking.
    """

    version: int
    told_version: int
    tried_version: int
    is_void: bool
    is_known: bool
    is_same: bool

    @property
    def is_in_doubt(self) -> bool:
        """An attempt to tell the target began and did not end well: it may have been heard."""
        return self.tried_version > self.told_version

    @property
    def wanted_state(self) -> ShipmentState:
        return ShipmentState.VOIDED if self.is_void else ShipmentState.SYNCED


def step_of(standing: Standing) -> Step:
    """The one step that makes the target agree, whatever was missed or came twice before."""
    if standing.told_version >= standing.version:
        return Step.NOTHING
    if standing.is_void:
        return Step.CANCEL if standing.is_known or standing.is_in_doubt else Step.SETTLE
    if not standing.is_known:
        return Step.SHIP
    return Step.SETTLE if standing.is_same and not standing.is_in_doubt else Step.CORRECT


def reason_of(step: Step, standing: Standing) -> str | None:
    """Why nothing was told, for people; None when something is."""
    match step:
        case Step.SHIP | Step.CORRECT | Step.CANCEL:
            return None
        case Step.SETTLE if standing.is_void:
            return "Nothing was sent: the package was voided before anybody was told of it"
        case Step.SETTLE:
            return "Nothing was sent: its tracking is again what was told before"
        case Step.NOTHING:
            return "Nothing was sent: another task, or a person by hand, has told of this package already"
        case _:
            assert_never(step)
