"""What the tasks of a privacy request hand to each other: never whom it is about."""

from pydantic import BaseModel, ConfigDict

from shared.envelope import Payload
from shared.handling import Run
from sync_worker.privacy.subject import PersonRequest, ShopRequest

_DOMAIN_HEADERS = ("x-shopify-shop-domain", "shopify-shop-domain")


class Step(BaseModel):
    """Which request goes on."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: int

    def payload(self) -> Payload:
        return Payload(body=self.model_dump_json().encode())


def is_delivery(run: Run) -> bool:
    """Whether the shop sent this, and not a task before it."""
    return run.payload.topic is not None


def domain_of(run: Run, told: PersonRequest | ShopRequest | None = None) -> str:
    """The shop as the delivery names it: of a shop nobody knows there is nothing else."""
    headers = {name.lower(): value for name, value in run.payload.headers.items()}
    named = next((headers[name] for name in _DOMAIN_HEADERS if name in headers), None)
    return (named or (told.shop_domain if told else None) or "unknown").lower()
