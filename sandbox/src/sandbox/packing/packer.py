"""Packing: which packages an order becomes, and what is said of them later."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import orjson

from sandbox.packing.benches import Bench, Waiting
from sandbox.sending.standard import Message

# The key is the text "sandbox-shipping-software-secret".
DEFAULT_SECRET = "whsec_c2FuZGJveC1zaGlwcGluZy1zb2Z0d2FyZS1zZWNyZXQ="  # noqa: S105
SERVICES = (("UPS", "Ground"), ("DHL", "Express"), ("USPS", "Priority Mail"), ("FedEx", None))
MOST_REMEMBERED = 10_000
_LATER, _PARTLY, _TWO, _CORRECTED, _TAKEN_BACK = 0.3, 0.1, 0.15, 0.1, 0.05

Body = dict[str, Any]


@dataclass
class Packer:
    """`shop` ends the address `/shipments/{shop}`. What is said later waits in `later`."""

    shop: str
    secret: str = field(default=DEFAULT_SECRET, repr=False)
    rng: Random = field(default_factory=lambda: Random("packing"))
    benches: Sequence[Bench] = ()
    later: deque[Body] = field(default_factory=deque)
    packed: dict[tuple[tuple[str, str], ...], None] = field(default_factory=dict)

    def next(self) -> Body | None:
        """What is reported next; None: there is nothing to pack."""
        if self.later and self.rng.random() < _LATER:
            return self.later.popleft()
        waiting = next(self._waiting(), None)
        return self._packed(waiting) if waiting is not None else None

    def message(self, body: Body | bytes, *, late_s: int = 0) -> Message:
        """The report, to be signed when it is sent."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return Message(
            webhook_id=f"msg_{uuid4().hex}",
            topic="shipment",
            subject=str(body.get("shipment_id", "")) if isinstance(body, dict) else "",
            path=f"/shipments/{self.shop}",
            body=content,
            secrets=[self.secret],
            late_s=late_s,
        )

    def _waiting(self) -> Iterator[Waiting]:
        benches = list(self.benches)
        self.rng.shuffle(benches)
        for bench in benches:
            yield from (one for one in bench() if one.reference not in self.packed)

    def _packed(self, waiting: Waiting) -> Body:
        self.packed[waiting.reference] = None
        if len(self.packed) > MOST_REMEMBERED:
            del self.packed[next(iter(self.packed))]
        first, rest = self._parted(waiting.lines)
        if not rest:
            return self._told(waiting, [first])
        if self.rng.random() < _PARTLY / (_PARTLY + _TWO):
            self.later.append(self._report(waiting, [rest]))
            return self._told(waiting, [first])
        return self._told(waiting, [first, rest])

    def _told(self, waiting: Waiting, parts: Sequence[Sequence[tuple[str, int]]]) -> Body:
        """The report now; a new number or a package taken back may follow."""
        body, chance = self._report(waiting, parts), self.rng.random()
        package = body["packages"][0]
        if chance < _CORRECTED:
            corrected = {**package, "tracking_number": self._number()}
            self.later.append({**body, "packages": [corrected]})
        elif chance < _CORRECTED + _TAKEN_BACK:
            self.later.append({**body, "packages": [{"id": package["id"], "void": True}]})
        return body

    def _report(self, waiting: Waiting, parts: Sequence[Sequence[tuple[str, int]]]) -> Body:
        shipment_id = f"SB-{uuid4().hex[:10].upper()}"
        packages = [self._package(number, lines) for number, lines in enumerate(parts, 1)]
        return {"order": dict(waiting.reference), "shipment_id": shipment_id, "packages": packages}

    def _package(self, number: int, lines: Sequence[tuple[str, int]]) -> Body:
        (carrier, service), tracking = self.rng.choice(SERVICES), self._number()
        return {
            "id": str(number),
            "label": f"LBL-{uuid4().hex[:8].upper()}",
            "carrier": carrier,
            "service": service,
            "tracking_number": tracking,
            "tracking_url": f"https://tracking.example/{tracking}",
            "shipped_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "items": [{"id": line_id, "quantity": quantity} for line_id, quantity in lines],
        }

    def _parted(
        self, lines: Sequence[tuple[str, int]]
    ) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Mostly all goes into one package; sometimes one item of it goes by itself."""
        (line_id, quantity), others = lines[0], list(lines[1:])
        is_parted = (quantity > 1 or others) and self.rng.random() < _PARTLY + _TWO
        if not is_parted:
            return list(lines), []
        rest = [(line_id, quantity - 1)] if quantity > 1 else []
        return [(line_id, 1)], [*rest, *others]

    def _number(self) -> str:
        return f"1Z{self.rng.randrange(10**12):012}"
