"""The recorder as a part of the benchmark."""

from benchmarks.proof.figures import Target
from benchmarks.proof.part import Part
from benchmarks.proof.recorder.contest import measure

RECORDER = Part(
    "recorder",
    "Recorder",
    "A backlog of transitions as 50 tasks a second make it, without payloads, into log, projection and "
    "counters: from a full queue to the last commit, and by the database part alone, of batches that were "
    "prepared before. Beside it `COPY` of the same rows into the same table, and one commit for each "
    "transition.",
    lambda ground, amount: measure(ground, count=amount.transitions),
    (
        Target("queue to commit, of COPY", "queue to commit: transitions/s", 0.12, to="COPY: transitions/s"),
        Target("database part, of COPY", "batches: transitions/s", 0.25, to="COPY: transitions/s"),
    ),
)
