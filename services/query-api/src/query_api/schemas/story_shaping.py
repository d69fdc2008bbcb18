"""From trees and stories to answers. Pure."""

from collections import Counter
from collections.abc import Sequence

from query_api.repository.records import EventRow, Names, TaskRow
from query_api.schemas.shaping import brief
from query_api.schemas.stories import OrderStage, OrderStep, StepTransition, TreeTask
from query_api.stories.order_steps import Step, states_of
from query_api.stories.order_words import Stage
from query_api.stories.trees import arranged


def tree_tasks(tasks: Sequence[TaskRow], names: Names) -> list[TreeTask]:
    by_id = {task.task_id: task for task in tasks}
    return [
        TreeTask(
            task=brief(by_id[node.task_id], names),
            under=node.under,
            relation=node.relation,
            depth=node.depth,
        )
        for node in arranged(tasks)
    ]


def order_stages(steps: Sequence[Step]) -> list[OrderStage]:
    """All there are, but for what has no name of its own and did not happen."""
    states, numbers = states_of(steps), Counter(step.stage for step in steps)
    return [
        OrderStage(stage=stage, state=states.get(stage), steps=numbers[stage])
        for stage in Stage
        if stage is not Stage.OTHER or stage in states
    ]


def order_step(step: Step, names: Names) -> OrderStep:
    return OrderStep(
        at=step.at,
        stage=step.stage,
        what=step.what,
        state=step.state,
        by=step.by,
        account_id=None if step.account_id is None else str(step.account_id),
        task=step.task and brief(step.task, names),
        transitions=[transition(event) for event in step.transitions],
    )


def transition(event: EventRow) -> StepTransition:
    return StepTransition(
        state=event.state, attempt=event.attempt, occurred_at=event.occurred_at, by=event.by
    )
