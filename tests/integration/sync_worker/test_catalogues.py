"""A supplier's catalogue becomes ours: what is new, changed, unusable and gone, page by page."""

from typing import Any

import orjson
import pytest

from shared.envelope import Payload
from shared.errors import Misconfigured, Obsolete, RateLimited, Rejected, Retryable, Unavailable
from shared.handling import Outcome
from shared.identity import new_task_id
from shared.tasks import TaskType
from sync_worker import slices
from tests.integration.sync_worker.supplying import Supplying, example, supplying, with_pages_of
from tests.integration.sync_worker.world import Done, World

CATALOGUES = {"gate4cards": "GET /gate4cards/api/v1/catalog", "trinavo": "GET /trinavo/shop/products.json"}


async def fetched(supplier: Supplying, **task: Any) -> Outcome:
    """Fetch All Products; the last slice's outcome."""
    done = await supplier.run(TaskType.UPDATE_PRODUCTS, **task)
    assert done.outcome is not None, done.error
    return done.outcome


async def broken_off(supplier: Supplying, **task: Any) -> Done:
    done = await supplier.run(TaskType.UPDATE_PRODUCTS, **task)
    assert done.error is not None
    return done


def counts(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in (outcome.summary or {}).items() if value}


async def small_pages(world: World, name: str, size: int = 10, **terms: Any) -> Supplying:
    supplier = await supplying(world, name, **terms)
    await supplier.settle(**with_pages_of(example(name), size))
    return supplier


@pytest.mark.parametrize("name", ["gate4cards", "trinavo"])
async def test_a_whole_catalogue_is_taken_over(world: World, name: str) -> None:
    supplier = await small_pages(world, name)
    outcome = await fetched(supplier)
    assert counts(outcome) == {"created": 30}
    assert (outcome.items_processed, outcome.items_failed, outcome.items_total) == (30, 0, 30)
    sku = "G4C-000003" if name == "gate4cards" else "TRI-000003"
    theirs = (await world.control.get(f"/supplier/{name}/products/{sku}")).json()
    ours = await supplier.product(sku)
    assert ours is not None
    assert (ours["sku"], float(ours["data"]["price"])) == (sku, float(theirs["price"]))
    assert (ours["data"]["title"], ours["data"]["stock"]) == (theirs["name"], theirs["stock"])
    assert (ours["data"]["currency"], ours["data"]["images"]) == ("EUR", theirs["images"])
    assert theirs["description"] in ours["data"]["description"]


async def test_unchanged_products_cost_no_write(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await fetched(supplier)
    before = await _versions(world)
    assert counts(await fetched(supplier)) == {"unchanged": 30}
    assert await _versions(world) == before


async def test_only_what_changed_is_written(world: World) -> None:
    supplier = await small_pages(world, "gate4cards", change_rate=0.3, growth=0)
    await fetched(supplier)
    before = await _versions(world)
    await supplier.terms(version=1)
    expected = (await world.control.get("/supplier/gate4cards/expectation?since=0")).json()
    assert 0 < expected["updated"] < 30
    assert counts(await fetched(supplier)) == {
        "updated": expected["updated"],
        "unchanged": expected["unchanged"],
    }
    after = await _versions(world)
    assert sum(after[name] != version for name, version in before.items()) == expected["updated"]


async def test_new_products_are_left_out_where_the_account_says_so(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await fetched(supplier)
    await supplier.settle(create_new_products=False)
    await supplier.terms(version=1, growth=5, change_rate=0)
    assert counts(await fetched(supplier)) == {"unchanged": 30, "skipped": 5}
    assert await supplier.product("G4C-000031") is None


@pytest.mark.parametrize("name", ["gate4cards", "trinavo"])
async def test_unusable_products_are_named_and_the_rest_goes_on(world: World, name: str) -> None:
    supplier = await small_pages(world, name, products=70, invalid_every=5)
    outcome = await fetched(supplier)
    assert (outcome.items_processed, outcome.items_failed) == (70, 14)
    assert counts(outcome)["created"] == 56
    assert outcome.summary is not None
    reasons = {failure["reason"] for failure in outcome.summary["failures"]}
    assert any("'price' is" in reason for reason in reasons)
    assert any("'stock' is negative" in reason for reason in reasons)
    assert any("'id' is missing" in reason for reason in reasons)
    assert len(outcome.summary["failures"]) == 14


async def test_a_known_product_that_can_not_be_read_for_once_stays_as_it_was(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await fetched(supplier)
    await supplier.terms(invalid_every=10)
    await fetched(supplier)
    kept = await supplier.product("G4C-000020")  # priced in words
    assert kept is not None
    assert "is_gone" not in kept["data"]


async def test_what_the_catalogue_does_not_name_any_more_is_withdrawn_and_comes_back(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await fetched(supplier)
    await supplier.terms(products=25)
    assert counts(await fetched(supplier)) == {"unchanged": 25, "withdrawn": 5}
    gone = await supplier.product("G4C-000028")
    assert gone is not None
    assert gone["data"]["is_available"] is False
    assert counts(await fetched(supplier)) == {"unchanged": 25}
    await supplier.terms(products=30)
    assert counts(await fetched(supplier)) == {"unchanged": 25, "updated": 5}
    back = await supplier.product("G4C-000028")
    assert back is not None
    assert "is_gone" not in back["data"]


async def test_an_empty_catalogue_withdraws_nothing(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await fetched(supplier)
    await supplier.terms(products=0)
    outcome = await fetched(supplier)
    assert outcome.note is not None
    assert outcome.note.startswith("The catalogue was empty")
    assert (await supplier.product("G4C-000001") or {})["data"]["is_available"] is True


async def test_a_retry_goes_on_with_the_page_that_failed(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    root = new_task_id()
    await supplier.fault(CATALOGUES["gate4cards"], "reset_before", times=1)
    first = await supplier.run(TaskType.UPDATE_PRODUCTS, id=root)
    assert isinstance(first.error, Unavailable)
    await _after_pages(supplier, 2)
    second = await supplier.run(TaskType.UPDATE_PRODUCTS, id=root)
    assert isinstance(second.error, RateLimited)
    third = await supplier.run(TaskType.UPDATE_PRODUCTS, id=root)
    assert third.outcome is not None
    assert len(third.calls) == 1
    assert counts(third.outcome) == {"created": 30}


async def _after_pages(supplier: Supplying, pages: int) -> None:
    """The page after so many is refused once."""
    place = {"system": "supplier", "route": CATALOGUES["gate4cards"]}
    rules = [
        {**place, "fault": "slow", "times": pages, "delay_ms": 1},
        {**place, "fault": "rate_limited", "times": 1, "retry_after": "7"},
    ]
    (await supplier.world.control.put("/faults", json=rules)).raise_for_status()


async def test_a_long_run_goes_on_in_a_task_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "PAGES_OF_A_SLICE", 2)
    supplier = await small_pages(world, "gate4cards")
    first = await world.run(TaskType.UPDATE_PRODUCTS, account_id=supplier.account_id)
    assert first.outcome is not None
    assert first.note == "Goes on in the next task: 20 so far"
    assert first.outcome.items_processed is None
    (goes_on,) = first.follow_ups
    assert orjson.loads(goes_on.payload.body) == {"run": str(first.task.id)}
    last = await world.follow(goes_on)
    assert last.outcome is not None
    assert counts(last.outcome) == {"created": 30}
    assert last.outcome.items_processed == 30


async def test_a_second_run_leaves_the_first_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "PAGES_OF_A_SLICE", 1)
    supplier = await small_pages(world, "gate4cards")
    first = await world.run(TaskType.UPDATE_PRODUCTS, account_id=supplier.account_id)
    second = await world.run(TaskType.UPDATE_PRODUCTS, account_id=supplier.account_id)
    assert second.note is not None
    assert second.note.startswith(f"Nothing was done: run {first.task.id} has been under way since")
    assert second.follow_ups == ()


async def test_a_run_that_failed_is_taken_up_by_a_persons_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PAGES_OF_A_SLICE", 1)
    supplier = await small_pages(world, "gate4cards")
    first = await world.run(TaskType.UPDATE_PRODUCTS, account_id=supplier.account_id)
    await supplier.fault(CATALOGUES["gate4cards"], "unauthorised")
    failed = await world.follow(first.follow_ups[0])
    assert isinstance(failed.error, Misconfigured)
    row = await world.pool.fetchrow("SELECT * FROM store.runs WHERE id = $1", first.task.id)
    assert row is not None
    assert "refused the account's key" in row["problem"]
    retry = await supplier.run(TaskType.UPDATE_PRODUCTS, retry_of=failed.task.id)
    assert retry.outcome is not None
    assert counts(retry.outcome) == {"created": 30}
    assert retry.outcome.items_processed == 30


async def test_an_account_that_is_switched_off_breaks_its_run_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PAGES_OF_A_SLICE", 1)
    supplier = await small_pages(world, "gate4cards")
    first = await world.run(TaskType.UPDATE_PRODUCTS, account_id=supplier.account_id)
    await world.pool.execute("UPDATE store.accounts SET is_active = false WHERE kind = 'supplier'")
    assert isinstance((await world.follow(first.follow_ups[0])).error, Obsolete)
    await world.pool.execute("UPDATE store.accounts SET is_active = true")
    assert counts(await fetched(supplier)) == {"created": 20, "unchanged": 10}


async def test_a_run_that_another_worker_took_further_is_left_to_it(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    run_id = new_task_id()
    await supplier.fault(CATALOGUES["gate4cards"], "unavailable")
    await broken_off(supplier, id=run_id)
    await world.pool.execute(
        "CREATE FUNCTION store.overtaken() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$; "
        "CREATE TRIGGER overtaken BEFORE UPDATE ON store.runs FOR EACH ROW "
        "WHEN (new.step > old.step) EXECUTE FUNCTION store.overtaken()"
    )
    lost = await broken_off(supplier, id=run_id)
    assert isinstance(lost.error, Retryable)
    assert await world.pool.fetchval("SELECT count(*) FROM store.products") == 0


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("unauthorised", Misconfigured, "refused the account's key (401)"),
        ("rate_limited", RateLimited, "asked to slow down"),
        ("unavailable", Unavailable, "unavailable"),
        ("slow", Unavailable, "did not answer in time"),
        ("malformed", Retryable, "not what its API promises"),
    ],
)
async def test_each_trouble_is_told_as_what_it_is(
    world: World, fault: str, error: type[Exception], words: str
) -> None:
    supplier = await small_pages(world, "gate4cards")
    await supplier.fault(CATALOGUES["gate4cards"], fault)
    done = await broken_off(supplier)
    assert isinstance(done.error, error)
    assert words in str(done.error)


async def test_an_answer_without_the_promised_list_names_the_path(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    settings = example("gate4cards")
    settings["format"]["products"]["items"] = "products[]"
    await supplier.settle(**settings)
    done = await broken_off(supplier)
    assert isinstance(done.error, Rejected)
    assert "sent no list at products[]" in done.error.message


async def test_settings_nobody_can_use_name_the_field(world: World) -> None:
    supplier = await small_pages(world, "gate4cards")
    await supplier.settle(product_data_interval_minutes=0)
    done = await broken_off(supplier)
    assert isinstance(done.error, Misconfigured)
    assert "'product_data_interval_minutes' of the supplier account 'Gate4cards" in done.error.message


async def test_tokens_are_never_recorded_and_pages_only_begun(world: World) -> None:
    supplier = await supplying(world, "trinavo")
    done = await supplier.run(TaskType.UPDATE_PRODUCTS)
    (call,) = done.calls[:1]
    assert not {"x-api-key", "x-api-token"} & call.request_headers.keys()
    assert "sandbox-supplier-token" not in str(call)
    assert len(call.response_body) == 2048
    assert call.response_headers["x-syncledger-kept"].startswith("the first 2048 of ")


async def test_a_slice_of_a_run_that_is_over_does_nothing(world: World) -> None:
    supplier = await supplying(world, "gate4cards")
    done = await supplier.run(TaskType.UPDATE_PRODUCTS)
    handed_on = Payload(body=orjson.dumps({"run": str(done.task.id)}))
    late = await world.run(TaskType.UPDATE_PRODUCTS, handed_on, account_id=supplier.account_id)
    assert late.note == "Nothing was done: the run this belonged to is over"
    assert late.calls == []


async def _versions(world: World) -> dict[str, Any]:
    """Which transaction last wrote each product."""
    rows = await world.pool.fetch("SELECT source_id, xmin::text AS version FROM store.products")
    return {row["source_id"]: row["version"] for row in rows}
