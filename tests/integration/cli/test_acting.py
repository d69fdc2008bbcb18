"""What people do with `syncledger`."""

from tests.integration.cli.running import Program
from tests.integration.query_api.alerting import add_alert
from tests.integration.query_api.operating import add_failed, retries_of
from tests.integration.query_api.shipping import add_account, add_shipment
from tests.integration.query_api.test_shipment_list import FAILED
from tests.integration.query_api.world import World
from tests.waiting import eventually
from tests.workers import World as Broker


async def test_one_task_is_retried_at_once(
    world: World, published: Broker, shop: int, program: Program
) -> None:
    (task,) = await add_failed(world, shop)
    done = await program.run("tasks", "retry", str(task.id))
    assert done.code == 0, done.err
    await eventually(lambda: any(retries_of(published, [task]).values()))
    assert {done.out.strip()} == {str(one) for one in retries_of(published, [task])[task.id]}


async def test_all_that_match_are_retried_after_a_look_at_what_that_means(
    world: World, published: Broker, shop: int, program: Program
) -> None:
    tasks = await add_failed(world, shop, 7)
    plan = await program.run("tasks", "retry", "--type", "SyncOrder", "--state", "failed", "--dry-run")
    assert (plan.code, "Of 7 tasks, 7 can be retried safely" in plan.err) == (0, True)
    declined = await program.run("tasks", "retry", "--type", "SyncOrder", typed="n\n")
    assert (declined.code, "Nothing was done" in declined.err) == (1, True)
    done = await program.run("tasks", "retry", "--type", "SyncOrder", "--yes", "--json")
    assert (done.json["operation"]["state"], done.json["operation"]["done"]) == ("succeeded", 7)
    await eventually(lambda: all(retries_of(published, tasks).values()))
    shown = await program.run("operations", "show", done.json["operation"]["id"])
    assert "Succeeded: 7 of 7 done" in shown.out
    unclear = await program.run("tasks", "retry")
    assert (unclear.code, "Say which" in unclear.err) == (2, True)


async def test_what_waits_is_cancelled_and_what_is_over_is_deleted_for_good(
    world: World, shop: int, program: Program
) -> None:
    one, *others = [await world.record_task(shop_id=shop) for _ in range(3)]
    await add_failed(world, shop, 4)
    assert (await program.run("tasks", "cancel", str(one.id))).out.strip() == str(one.id)
    done = await program.json("tasks", "cancel", *(str(task.id) for task in others), "--yes")
    assert (done["operation"]["state"], done["operation"]["done"]) == ("succeeded", 2)
    failed = ("tasks", "delete", "--state", "failed")
    declined = await program.run(*failed, typed="3\n")
    assert (declined.code, "Of 4 tasks, 4 can be deleted" in declined.err) == (1, True)
    assert "not the number. Nothing was done" in declined.err
    confirmed = await program.run(*failed, typed="4\n")
    assert (confirmed.code, "Succeeded: 4 of 4 done" in confirmed.err) == (0, True), confirmed.err
    assert (await program.json(*failed, "--yes"))["plan"]["matching"] == 0


async def test_failed_shipments_are_synchronised_again(world: World, shop: int, program: Program) -> None:
    account = await add_account(world.pool, shop)
    for number in range(3):
        await add_shipment(world.pool, account, number + 1, **FAILED)
    plan = await program.json("shipments", "sync", "--all", "--dry-run")
    assert plan["to_start"] == 3
    done = await program.run("shipments", "sync", "--all", "--yes")
    assert (done.code, "3 shipments were started" in done.err) == (0, True)
    assert (await program.json("shipments", "sync", "--all", "--dry-run"))["to_start"] == 0


async def test_a_token_is_made_shown_once_and_revoked(world: World, shop: int, program: Program) -> None:
    made = await program.run(
        *("tokens", "create", "--name", "report", "--role", "viewer", "--shop", "one.example")
    )
    assert made.code == 0, made.err
    administrator = program.environment["SYNCLEDGER_TOKEN"]
    program.environment["SYNCLEDGER_TOKEN"] = made.out.strip()
    me = await program.json("whoami")
    assert (me["role"], me["shops"]) == ("viewer", ["one.example"])
    program.environment["SYNCLEDGER_TOKEN"] = administrator
    assert (await program.run("tokens", "revoke", me["id"], "--yes")).code == 0
    program.environment["SYNCLEDGER_TOKEN"] = made.out.strip()
    assert (await program.run("whoami")).code == 1


async def test_a_shop_is_added_with_its_secret_from_the_environment(world: World, program: Program) -> None:
    program.environment["WEBHOOK_SECRET"] = "shpss_1"
    named = ("--domain", "new.example", "--name", "New", "--email", "owner@new.example")
    assert "is added" in (await program.run("shops", "add", *named)).err
    assert "is up to date" in (await program.run("shops", "add", *named)).err
    sealed = await world.pool.fetchval("SELECT webhook_secrets[1] FROM store.shops")
    assert world.vault.open(sealed) == b"shpss_1"


async def test_an_alert_is_acknowledged(world: World, shop: int, program: Program) -> None:
    alert = await add_alert(world, shop)
    done = await program.json("alerts", "acknowledge", alert, "--note", "looking")
    assert done["alert"]["acknowledged"]["note"] == "looking"
    assert done["alert"]["acknowledged"]["by"] == "test"
