"""What the installation decides about handlers."""

from dataclasses import dataclass
from datetime import timedelta

from shared.dead_letters import DeadLetters


@dataclass(frozen=True, slots=True)
class Options:
    """`ingest_url`: where shops reach this installation; None: nobody said.

    `letters`: the messages nobody could read. `second_look`: when an erasure looks once more.
    """

    ingest_url: str | None = None
    letters: DeadLetters | None = None
    second_look: timedelta = timedelta(hours=1)
