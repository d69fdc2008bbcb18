"""What the installation decides about handlers."""

from dataclasses import dataclass, field

from sync_worker.handlers.polling import PollRules


@dataclass(frozen=True, slots=True)
class Options:
    """`ingest_url`: where shops reach this installation; None: nobody said."""

    polls: PollRules = field(default_factory=PollRules)
    ingest_url: str | None = None
