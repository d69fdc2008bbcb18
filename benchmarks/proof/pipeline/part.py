"""The pipeline as a part of the benchmark."""

from collections.abc import Mapping

from benchmarks.proof.figures import Target
from benchmarks.proof.ground import Ground
from benchmarks.proof.part import Amount, Part
from benchmarks.proof.pipeline.contest import measure


def _both(ground: Ground, amount: Amount) -> Mapping[str, float]:
    return measure(ground, {"noop": amount.tasks, "crm": amount.crm_tasks})


def _rate(peer: str, bound: float) -> Target:
    ours, theirs = (f"noop, {name}: tasks/s" for name in ("Syncledger", peer))
    return Target(f"no-op tasks/s, of {peer}'s", ours, bound, to=theirs)


PIPELINE = Part(
    "pipeline",
    "Pipeline",
    "From the first task that is queued to the last of which every state is recorded in Postgres: tasks "
    "that do nothing (`noop`, claimed as they end, like webhooks) and tasks that make one request to the "
    "sandbox's CRM (`crm`). Durable quorum queues, confirmed publishing, acknowledged when done, fsync on. "
    "Celery: prefork with two processes, acks_late, track_started, results by SQLAlchemy. Procrastinate: one "
    "process. taskiq: two processes, acknowledged when the result is saved, which is the only state it "
    "records. Syncledger: one worker and one recorder, every transition. 64 tasks at once, of all processes "
    "together, where that can be said. All are up at once and take turns. CPU is that of workers, recorder, "
    "Postgres and RabbitMQ, without who queues.",
    _both,
    (
        _rate("Celery", 5),
        _rate("Procrastinate", 3),
        _rate("taskiq", 1.1),
        Target(
            "CPU per task, of Celery's",
            "noop, Syncledger: CPU-s per 1,000",
            0.3,
            to="noop, Celery: CPU-s per 1,000",
            is_floor=False,
        ),
        Target(
            "memory of the larger of worker and recorder, MB",
            "noop, Syncledger: largest process, MB",
            150,
            is_floor=False,
        ),
    ),
)
