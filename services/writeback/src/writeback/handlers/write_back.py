"""Tells a shop or marketplace of one package."""

from typing import Any, assert_never

from shared.envelope import Transition
from shared.errors import Obsolete, Rejected
from shared.handling import Outcome, Run
from shared.shipments.writing_back import shipment_of
from writeback.shipments import telling
from writeback.shipments.deciding import Step, reason_of, step_of
from writeback.shipments.telling import Shipment
from writeback.targets.opening import Targets
from writeback.targets.port import Target, Told

READ_BACK = "Confirmed by read-back: an earlier attempt was heard, though its answer was lost"


async def write_back(targets: Targets, run: Run) -> Outcome:
    """Makes the target agree with the package's row, whatever was missed or came twice before."""
    shipment = await telling.find_shipment(run.pool, run.task, shipment_of(run.payload))
    step, told = await _agreed(targets, run, shipment)
    if step is not Step.NOTHING:
        connection = await run.begin()
        await telling.settle(connection, run.task, shipment, told, is_told=step.is_told)
    return Outcome(
        note=told.note,
        target_id=told.target_id,
        order_number=shipment.order_number,
        summary={"step": step.value, "package": shipment.package.number},
    )


async def note_trouble(connection: Any, run: Run, ending: Transition) -> None:
    """Counts the attempt, unless it was only told to come back later: that uses up no attempt."""
    if ending.task.max_attempts > run.task.max_attempts:
        return
    try:
        shipment_id = shipment_of(run.payload)
    except Rejected:
        return
    await telling.note_trouble(connection, shipment_id, ending)


async def _agreed(targets: Targets, run: Run, shipment: Shipment) -> tuple[Step, Told]:
    """The step that was made, and what the target has now."""
    step = step_of(shipment.standing)
    if step.is_told:
        told = await _told(targets, run, shipment, step)
        if told is not None:
            return step, told
        step = Step.NOTHING
    return step, Told(shipment.package.target_id, note=reason_of(step, shipment.standing))


async def _told(targets: Targets, run: Run, shipment: Shipment, step: Step) -> Told | None:
    """None: there is nothing to tell any more."""
    is_uncertain = shipment.standing.is_in_doubt or run.is_uncertain
    try:
        target = await targets.open(run.pool, run.task)
        if not await telling.begin(run.pool, run.task, shipment):
            return None
        told = await _take(step, target, shipment, is_uncertain=is_uncertain)
    except Obsolete as error:
        # Nobody was told, so the shipment can not count as done.
        raise Rejected(error.message, kind=error.kind, answer=error.answer) from error
    if told.was_there and is_uncertain:
        note = READ_BACK if told.note is None else f"{READ_BACK}. {told.note}"
        return Told(told.target_id, was_there=True, note=note)
    return told


async def _take(step: Step, target: Target, shipment: Shipment, *, is_uncertain: bool) -> Told:
    match step:
        case Step.SHIP:
            return await target.ship(shipment.package, is_uncertain=is_uncertain)
        case Step.CORRECT:
            return await target.correct(shipment.package, is_uncertain=is_uncertain)
        case Step.CANCEL:
            return await target.cancel(shipment.package, is_uncertain=is_uncertain)
        case Step.SETTLE | Step.NOTHING:
            raise AssertionError(f"nothing to tell: {step}")
        case _:
            assert_never(step)
