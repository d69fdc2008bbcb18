"""Failed shipments through the front door: listed, counted, exported, synchronised, and done by hand."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.acceptance.stack import Stack
from tests.acceptance.test_shipments import Packing, open_packing, package
from tests.waiting import until

pytestmark = pytest.mark.acceptance

PACKAGES = 7
HEARD = 3
WORDS = "found in the shop"


async def _failed(stack: Stack) -> Packing:
    """Seven packages of one order that all failed; of three the shop has heard, and its answer was lost."""
    packing = await open_packing(stack, units=PACKAGES)
    await _without_retries(packing)
    route = {"system": "shopify", "route": f"POST /{packing.shop.domain}/*", "operation": "fulfillmentCreate"}
    lost, refused = (
        {**route, "fault": "reset_after_effect", "times": HEARD},
        {**route, "fault": "server_error"},
    )
    async with stack.sandbox() as sandbox:
        (await sandbox.put("/control/faults", json=[lost, refused])).raise_for_status()
    carriers = [package(f"P{number}", carrier=f"Carrier {number * 3 % 7}") for number in range(PACKAGES)]
    await packing.taken(*carriers)
    assert len(await packing.told()) == HEARD
    async with stack.sandbox() as sandbox:
        await sandbox.delete("/control/faults")
    return packing


async def _without_retries(packing: Packing) -> None:
    """So that a story need not wait: this policy tries again after 429 and 503 only."""
    async with packing.shop.stack.api() as api:
        (account,) = (await api.get("/accounts", params={"shop": packing.shop.domain})).json()["accounts"]
        settings = account["settings"] | {"retry_policy": "linear-three"}
        changed = await api.patch(f"/accounts/{account['id']}", json={"settings": settings})
        assert changed.status_code == 200, changed.text


async def _listed(api: httpx.AsyncClient, **parameters: Any) -> list[dict[str, Any]]:
    found = (await api.get("/shipments", params=parameters)).json()
    shipments: list[dict[str, Any]] = found["shipments"]
    return shipments


async def _exported(api: httpx.AsyncClient, **parameters: Any) -> list[dict[str, str]]:
    file = await api.get("/shipments.csv", params=parameters)
    assert file.status_code == 200, file.text
    return list(csv.DictReader(io.StringIO(file.text, newline="")))


async def _said(api: httpx.AsyncClient, path: str, status: int, **body: Any) -> dict[str, Any]:
    answer = await api.post(f"/shipments/{path}", json=body or None)
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def _numbers(packing: Packing) -> dict[str, int]:
    """How many fulfilments of the shop bear each tracking number."""
    numbers: dict[str, int] = (await packing.shop.say("GET", "effects"))["by_tracking_number"]
    return numbers


async def test_failed_shipments_are_synchronised_one_some_and_all_and_told_once(shared_stack: Stack) -> None:
    packing = await _failed(shared_stack)
    shown = {"shop": packing.shop.domain, "sort": "-carrier"}
    async with shared_stack.api() as api:
        failed = await _listed(api, **shown, state="failed")
        assert [one["carrier"] for one in failed] == [f"Carrier {number}" for number in range(6, -1, -1)]
        assert {(one["status"], bool(one["error_message"])) for one in failed} == {("Failed", True)}
        assert [line["ID"] for line in await _exported(api, **shown, state="failed")] == [
            one["id"] for one in failed
        ]

        everything = {"filter": {"shop": [packing.shop.domain], "state": ["failed"]}}
        planned = await _said(api, "sync", 202, **everything, dry_run=True)
        assert (planned["matching"], planned["to_start"], planned["started"]) == (PACKAGES, PACKAGES, [])
        assert len(await _listed(api, **shown, state="failed")) == PACKAGES

        one, two, three, *_ = [shipment["id"] for shipment in failed]
        assert (await _said(api, f"{one}/sync", 202))["started"]
        assert not (await _said(api, f"{one}/sync", 202))["started"]
        some = await _said(api, "sync", 202, ids=[two, three])
        assert {begun["shipment"] for begun in some["started"]} == {two, three}
        rest = await _said(api, "sync", 202, **everything)
        assert len(rest["started"]) == PACKAGES - 3

        assert len(await packing.told()) == PACKAGES
        assert set((await _numbers(packing)).values()) == {1}
        through = await _listed(api, **shown)
        assert {shipment["status"] for shipment in through} == {"Prepared"}
        lines = await _exported(api, **shown)
        assert [line["ID"] for line in lines] == [shipment["id"] for shipment in through]
        assert {line["Status"] for line in lines} == {"Prepared"}


async def test_what_a_person_did_by_hand_is_done_and_can_still_be_corrected(shared_stack: Stack) -> None:
    packing = await _failed(shared_stack)
    heard = next(iter(await _numbers(packing)))
    async with shared_stack.api() as api:
        (failed,) = await _listed(api, shop=packing.shop.domain, tracking_number=heard)
        steps = (await api.get(f"/shipments/{failed['id']}")).json()["shipment"]["manual_steps"]["steps"]
        assert "done-by-hand" in steps[-1]["text"]
        marked = await _said(api, f"{failed['id']}/done-by-hand", 200, note=WORDS)
        assert (marked["status"], marked["note"].endswith(f": {WORDS}")) == ("Prepared", True)
        again = await _said(api, f"{failed['id']}/done-by-hand", 200)
        assert again["note"] == marked["note"]
        planned = await _said(api, "sync", 202, filter={"shop": [packing.shop.domain]}, dry_run=True)
        assert planned["to_start"] == PACKAGES - 1
        (line,) = [one for one in await _exported(api, shop=packing.shop.domain) if one["ID"] == failed["id"]]
        assert (line["Status"], line["Note"]) == ("Prepared", marked["note"])

    await packing.taken(package(failed["package_id"], tracking_number="1ZNEW"))

    async def is_corrected() -> bool:
        numbers = await _numbers(packing)
        return numbers.get("1ZNEW") == 1 and heard not in numbers

    await until(is_corrected, "the shop has the new tracking number")
    assert sum((await _numbers(packing)).values()) == HEARD
