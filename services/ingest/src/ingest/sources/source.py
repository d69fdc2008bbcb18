"""What every source of deliveries has to know about its own webhooks; the door does the rest."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from ingest.delivery import Delivery, EntityIds
from shared.tasks import TaskType


class MissingHeader(ValueError):
    """`name` is the header as the sender's side documents it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Unusable(ValueError):
    """`errors`: what is wrong with which field."""

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__(len(errors))
        self.errors = tuple(errors)


class Head(NamedTuple):
    """A request before its body is read. `shop_domain`: from the address, where that names the shop."""

    headers: Sequence[tuple[str, str]]
    content_type: str
    shop_domain: str | None = None


class Claim(NamedTuple):
    """What a request says of itself, for the list of refusals; nothing of it need be true."""

    shop_domain: str | None
    topic: str | None


class Identity(NamedTuple):
    """What a verified delivery is. `task_type` None: nothing is done with this topic.

    `told`: what the sender is told besides the task's id.
    """

    delivery: Delivery
    task_type: TaskType | None
    about: EntityIds = EntityIds()
    told: Mapping[str, Any] = MappingProxyType({})


class Source(Protocol):
    """One kind of sender. Everything is pure; only `read`, `verify` and `identify` raise."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str:
        """Where its door is; `{shop}` stands for the shop's domain."""

    @property
    def account_kind(self) -> str | None:
        """Which accounts of the shop hold its secrets; None: the shop itself does."""

    @property
    def topics(self) -> Collection[str]:
        """The topics counted by their name."""

    @property
    def open_topics(self) -> Collection[str]:
        """Topics that are taken also of shops nobody knows, signed with a secret of the installation."""

    def claim(self, head: Head) -> Claim: ...

    def is_ping(self, head: Head) -> bool:
        """A question whether somebody is there, which is answered 200 and nothing else."""

    def read(self, head: Head) -> Delivery:
        """The delivery as its head describes it. Raises MissingHeader for the first one that is absent."""

    def verify(self, delivery: Delivery, body: bytes, *, secrets: Sequence[bytes], now: datetime) -> int:
        """Which of the secrets signed. Raises NotSigned."""

    def identify(self, delivery: Delivery, body: bytes, *, received_at: datetime) -> Identity:
        """Raises Unusable where sending something else would help; any other body becomes a task."""
