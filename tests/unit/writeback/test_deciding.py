"""What a target is told next, as a table."""

import pytest

from writeback.shipments.deciding import ShipmentState, Standing, Step, reason_of, step_of


def standing(**changes: object) -> Standing:
    facts: dict[str, object] = {
        "version": 1,
        "told_version": 0,
        "tried_version": 0,
        "is_void": False,
        "is_known": False,
        "is_same": False,
    }
    return Standing(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({}, Step.SHIP),
        ({"tried_version": 1}, Step.SHIP),
        ({"told_version": 1, "tried_version": 1, "is_known": True, "is_same": True}, Step.NOTHING),
        ({"version": 2, "told_version": 1, "tried_version": 1, "is_known": True}, Step.CORRECT),
        ({"version": 2, "tried_version": 1}, Step.SHIP),
        (
            {"version": 3, "told_version": 1, "tried_version": 1, "is_known": True, "is_same": True},
            Step.SETTLE,
        ),
        (
            {"version": 3, "told_version": 1, "tried_version": 2, "is_known": True, "is_same": True},
            Step.CORRECT,
        ),
        ({"version": 2, "is_void": True}, Step.SETTLE),
        ({"version": 2, "tried_version": 1, "is_void": True}, Step.CANCEL),
        (
            {"version": 2, "told_version": 1, "tried_version": 1, "is_void": True, "is_known": True},
            Step.CANCEL,
        ),
        ({"version": 2, "told_version": 2, "tried_version": 2, "is_void": True}, Step.NOTHING),
        ({"version": 3, "told_version": 2, "tried_version": 2}, Step.SHIP),
    ],
)
def test_one_step_makes_the_target_agree(facts: dict[str, object], step: Step) -> None:
    assert step_of(standing(**facts)) is step


def test_what_was_tried_and_did_not_end_well_is_in_doubt() -> None:
    assert standing(tried_version=1).is_in_doubt
    assert not standing(tried_version=1, told_version=1).is_in_doubt
    assert not standing().is_in_doubt


def test_that_nothing_is_told_is_always_explained() -> None:
    explained = {step for step in Step if reason_of(step, standing()) is not None}
    assert explained == {Step.SETTLE, Step.NOTHING}
    assert "voided" in (reason_of(Step.SETTLE, standing(is_void=True)) or "")


def test_a_void_ends_voided_and_everything_else_synced() -> None:
    assert standing(is_void=True).wanted_state is ShipmentState.VOIDED
    assert standing().wanted_state is ShipmentState.SYNCED
