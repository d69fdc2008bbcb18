"""What the installation decides about handlers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`ingest_url`: where shops reach this installation; None: nobody said."""

    ingest_url: str | None = None
