"""What people look at with `syncledger`."""

import asyncio
import json
import signal
import stat
from pathlib import Path

from shared.envelope import State
from tests.integration.cli.running import PATIENCE_S, Program
from tests.integration.query_api.shop_things import things_of
from tests.integration.query_api.world import World


async def test_tasks_are_listed_and_shown(world: World, shop: int, program: Program) -> None:
    failed = await world.record_task(State.FAILED, shop_id=shop, order_number="#1042")
    for _ in range(3):
        await world.record_task(State.SUCCEEDED, shop_id=shop)
    listed = await program.run("tasks", "list", "--state", "error", "--since", "1h")
    assert listed.code == 0, listed.err
    (line,) = [line for line in listed.out.splitlines() if str(failed.id) in line]
    assert "failed" in line
    assert "#1042" in line
    assert len(listed.out.splitlines()) == 2
    page = await program.json("tasks", "list", "-n", "2")
    assert (len(page["tasks"]), page["next"] is None) == (2, False)
    assert (await program.run("tasks", "list", "--count")).out == "4\n"
    shown = await program.run("tasks", "show", str(failed.id))
    assert "The CRM does not answer" in shown.out
    assert "Wait; it is tried again" in shown.out
    assert [word in shown.out for word in ("queued", "processing", "failed")] == [True, True, True]


async def test_everything_there_is_can_be_looked_at(world: World, program: Program) -> None:
    await things_of(world, "own", 41)
    said = {
        ("stats", "--types"): "all tasks",
        ("connections",): "own.example",
        ("shipments", "list"): "#1041",
        ("alerts", "list"): "own.example",
        ("alerts", "--json"): "own.example",
        ("operations", "list"): "retry",
        ("tokens", "list"): "viewer",
        ("shops", "list"): "own.example",
        ("whoami",): "admin",
    }
    ran = await asyncio.gather(*(program.run(*arguments) for arguments in said))
    for (arguments, words), one in zip(said.items(), ran, strict=True):
        assert (one.code, words in one.out) == (0, True), (arguments, one)


async def test_the_filtered_list_is_written_to_a_file(
    world: World, shop: int, program: Program, tmp_path: Path
) -> None:
    wanted = await world.record_task(State.FAILED, shop_id=shop, order_number="=1+1")
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    path = tmp_path / "tasks.csv"
    columns = ("--column", "id", "--column", "order_number")
    done = await program.run("tasks", "export", "--state", "failed", "-o", str(path), *columns)
    assert (done.code, "Written to" in done.err) == (0, True), done.err
    assert str(wanted.id) in path.read_text()
    assert "'=1+1" in path.read_text()
    assert len(path.read_text().splitlines()) == 2
    piped = await program.run("tasks", "export", "-f", "ndjson", "-o", "-")
    assert len(piped.out.splitlines()) == 2
    refused = await program.run("tasks", "export", "-o", str(tmp_path / "a.csv"), "--column", "colour")
    assert (refused.code, "colour" in refused.err, (tmp_path / "a.csv").exists()) == (1, True, False)
    nowhere = await program.run("tasks", "export", "-o", str(tmp_path / "none" / "a.csv"))
    assert (nowhere.code, "can not be written: No such file or directory" in nowhere.err) == (2, True)
    unclear = await program.run("tasks", "export", "-o", str(tmp_path / "tasks"))
    assert (unclear.code, "--format is missing" in unclear.err) == (2, True)


async def test_a_file_is_made_in_the_background_and_fetched(
    world: World, shop: int, program: Program, tmp_path: Path
) -> None:
    wanted = await world.record_task(State.FAILED, shop_id=shop)
    await world.record_task(State.SUCCEEDED, shop_id=shop)
    path = tmp_path / "tasks.csv"
    asked = ("tasks", "export", "--state", "failed", "--column", "id", "--background", "-o", str(path))
    done = await program.json(*asked)
    assert (done["operation"]["kind"], done["operation"]["done"]) == ("export", 1)
    assert path.read_text().splitlines()[1:] == [str(wanted.id)]
    again = await program.run("operations", "fetch", done["operation"]["id"], "-o", "-")
    assert again.out.encode() == path.read_bytes()


async def test_transitions_are_watched_as_they_happen(world: World, shop: int, program: Program) -> None:
    process = await program.start("tasks", "watch", "--state", "success", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        assert b"Listening" in await process.stderr.readline()
        task = await world.record_task(State.SUCCEEDED, shop_id=shop)
        event = json.loads(await process.stdout.readline())
    assert (event["task"]["id"], event["state"]) == (str(task.id), "succeeded")
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE_S):
        _, err = await process.communicate()
    assert (process.returncode, err) == (130, b"")


async def test_what_goes_wrong_is_said_in_a_sentence(world: World, program: Program) -> None:
    wrong = await program.run("tasks", "list", "--state", "nonsense")
    assert (wrong.code, "'nonsense' is not one of" in wrong.err, wrong.out) == (1, True, "")
    mistaken = await program.run("tasks", "list", "--since", "yesterday")
    assert (mistaken.code, "no moment" in mistaken.err) == (2, True)
    program.environment["SYNCLEDGER_TOKEN"] = "sl_unknown"
    refused = await program.run("stats")
    assert (refused.code, "not known here" in refused.err) == (1, True)
    program.environment["SYNCLEDGER_URL"] = "http://127.0.0.1:1"
    silent = await program.run("stats")
    assert (silent.code, "does not answer" in silent.err) == (3, True)


async def test_signing_in_keeps_a_token_that_works(world: World, tmp_path: Path, program: Program) -> None:
    done = await program.run("login")
    assert (done.code, "Signed in as test (admin)" in done.err) == (0, True)
    kept = tmp_path / "syncledger" / "config.toml"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    del program.environment["SYNCLEDGER_TOKEN"], program.environment["SYNCLEDGER_URL"]
    assert (await program.json("whoami"))["role"] == "admin"


async def test_the_shell_completes_commands_states_and_shops(
    world: World, shop: int, program: Program
) -> None:
    async def completed(words: str) -> list[str]:
        asking = {"_SYNCLEDGER_COMPLETE": "complete_bash"}
        program.environment |= {**asking, "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        return (await program.run()).out.split()

    assert await completed("syncledger ta") == ["tasks"]
    assert await completed("syncledger tasks list --state fa") == ["failed"]
    assert await completed("syncledger tasks list --shop o") == ["one.example"]
