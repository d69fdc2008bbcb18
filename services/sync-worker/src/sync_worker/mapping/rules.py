"""How one shop's CRM wants its data: the settings of the account."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Filled = Annotated[str, Field(min_length=1)]


class ReceiptsOn(StrEnum):
    """When a purchase is told to the CRM: all of it once it is paid, or what is paid and shipped."""

    PAYMENT = "payment"
    FULFILMENT = "fulfilment"


class EngageRules(BaseModel):
    """What that CRM calls our order and payment statuses, and the shop's payment gateways."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    contact_type: Filled = "Member"
    source: Filled = "ECOM"
    store_external_id: Filled | None = None
    receipts_on: ReceiptsOn = ReceiptsOn.PAYMENT
    exchange_rate_to_group_currency: Decimal | None = None
    order_statuses: dict[str, Filled] = {}
    payment_statuses: dict[str, Filled] = {}
    payment_types: dict[str, Filled] = {}
    two_way_preferences: bool = False
