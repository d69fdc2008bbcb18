"""The health of a connection follows what its calls meet, in words, and shows who is in trouble."""

import re
from typing import Any

import pytest

from tests.acceptance.dropshipping import Merchant, merchant
from tests.acceptance.stack import Stack
from tests.waiting import until

pytestmark = pytest.mark.acceptance

# A story has not the patience of a merchant: little is enough to judge by, and what is over is over.
RULES = {"window_minutes": 2, "min_calls": 2, "yellow_error_rate": 0.3, "red_error_rate": 0.7, "calm": 1}


async def looked_at(shop: Merchant) -> dict[str, Any]:
    """Update is pressed: how the supplier's orders are now."""
    answer = await shop.api.post(f"/connections/{shop.account_id}/update")
    assert answer.status_code == 200, answer.text
    parts: list[dict[str, Any]] = answer.json()["connection"]["parts"]
    return next(part for part in parts if part["category"] == "orders")


async def until_it_is(shop: Merchant, colour: str) -> dict[str, Any]:
    """Looks again and again; the part once it has the colour."""
    seen: list[dict[str, Any]] = []

    async def is_so() -> bool:
        seen.append(await looked_at(shop))
        return bool(seen[-1]["status"] == colour)

    await until(is_so, f"the connection is {colour}", timeout_s=240)
    return seen[-1]


async def test_a_connection_goes_from_green_to_red_and_back_with_its_reasons(shared_stack: Stack) -> None:
    async with merchant(shared_stack, health=RULES) as shop:
        listed = (await shop.api.get("/connections", params={"shop": shop.domain})).json()["connections"]
        (before,) = [one for one in listed if one["account_id"] == shop.account_id]
        assert (before["status"], before["pause"]) == ("none", None)
        green = await until_it_is(shop, "green")
        assert re.fullmatch(r"No call failed in the last 2 minutes, of \d+", green["reason"])

        rule = {"system": "supplier", "fault": "server_error"}
        (await shop.sandbox.put("/control/faults", json=[rule])).raise_for_status()
        red = await until_it_is(shop, "red")
        assert re.search(r"\d+ calls (all )?failed", red["reason"])
        assert "500" in red["last_error"]["message"]
        task = (await shop.api.get(f"/tasks/{red['last_error']['task_id']}")).json()["task"]
        assert (task["type"], task["state"]) == ("CheckAccount", "failed")

        await shop.sandbox.delete("/control/faults")
        back = await until_it_is(shop, "green")
        assert back["last_error"] == red["last_error"] or back["last_error"]["at"] > red["last_error"]["at"]
        history = (await shop.api.get(f"/connections/{shop.account_id}/history")).json()
        orders = next(one for one in history["series"] if one["category"] == "orders")
        assert orders["points"][-1]["calls"] > 0
        assert orders["changes"][0]["before"] == "none"
