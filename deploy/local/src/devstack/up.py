"""`up`: brings the stack up stage by stage, keeps it running until told to stop, and takes it down again."""

import asyncio
import signal
from collections.abc import Coroutine
from dataclasses import replace

from rich.console import Console

from devstack import demo
from devstack.administering import Administration
from devstack.bookkeeping import only_one, record
from devstack.data import keep_token, load_secrets
from devstack.errors import StackError
from devstack.options import UpOptions, choose_ports
from devstack.own_servers import StackServers, choose_servers
from devstack.services import ALL, INGEST, QUERY_API, SANDBOX, SERVICES, RunningService, Service
from devstack.stack import Stack, by_hand, publish, summary, withdraw
from devstack.supervisor import Supervisor


def run_up(options: UpOptions, console: Console) -> None:
    """Returns once everything is stopped again. Raises StackError when it could not be brought up."""
    with only_one(options.data) as left:
        if left:
            console.print(f"Ended what an earlier run left behind: {', '.join(left)}")
        withdraw(options.data)
        ports, secrets = choose_ports(options), load_secrets(options.data)
        servers = choose_servers(options.data, console.print)
        stack = Stack(
            data=options.data,
            secrets=secrets,
            ports=ports,
            database_url=servers.database_url,
            rabbitmq_url=servers.rabbitmq_url,
            traffic_per_s=options.traffic_per_s,
        )
        asyncio.run(Up(stack, servers, options, console).run())


class Up:
    """One run of the stack."""

    def __init__(self, stack: Stack, servers: StackServers, options: UpOptions, console: Console) -> None:
        self._stack = stack
        self._servers = servers
        self._without = options.without
        self._console = console
        self._ready = False
        self._administration = Administration()
        self._supervisor = Supervisor(say=self._say, changed=self._processes_changed)

    async def run(self) -> None:
        """Until SIGINT or SIGTERM."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        try:
            await _unless(stop, self._bring_up())
            await stop.wait()
        finally:
            self._ready = False
            withdraw(self._stack.data)
            self._say("Stopping")
            await self._supervisor.stop()
            self._administration.close()
            self._say("Everything is stopped")

    async def _bring_up(self) -> None:
        servers = self._servers
        await self._supervisor.start([servers.postgres] if servers.postgres else [])
        await asyncio.gather(
            self._supervisor.start([servers.rabbitmq] if servers.rabbitmq else []),
            asyncio.to_thread(self._prepare_database),
        )
        # Who is asked is there before those who ask, and who is told before those who tell.
        for stage in ((INGEST,), (SANDBOX,), (service for service in SERVICES if service is not INGEST)):
            await self._supervisor.start(self._programs(*stage))
        await self._ensure_token()
        self._ready = True
        self._processes_changed()
        self._show()

    def _programs(self, *services: Service) -> list[RunningService]:
        wanted = [service for service in services if service.name not in self._without]
        data, stack = self._stack.data, self._stack
        return [RunningService(s, environment=stack.environment(s), log=data.log(s.name)) for s in wanted]

    def _prepare_database(self) -> None:
        self._cli("migrate")
        self._say("The database has the newest schema")
        demo.create_shop(self._cli, webhook_secret=self._stack.secrets.webhook_secret)
        demo.create_accounts(
            self._cli,
            self._stack.secrets,
            sandbox_url=self._stack.address(SANDBOX),
            works_by_itself=self._stack.traffic_per_s > 0,
        )
        if self._stack.secrets.token is None:
            self._make_token()
        self._say(f"The demo shop {demo.DOMAIN} is there")

    async def _ensure_token(self) -> None:
        token = self._stack.secrets.token
        address = self._stack.address(QUERY_API)
        if token is None or not await asyncio.to_thread(demo.token_is_valid, address, token):
            await asyncio.to_thread(self._make_token)

    def _make_token(self) -> None:
        known = keep_token(self._stack.data, self._stack.secrets, demo.create_token(self._cli))
        self._stack = replace(self._stack, secrets=known)

    def _cli(self, *arguments: str) -> str:
        done = self._administration.run(self._stack.environment(QUERY_API), *arguments)
        if done.returncode != 0:
            raise StackError(
                f"query-api {' '.join(arguments[:2])} failed:\n{(done.stderr or done.stdout)[-2000:]}"
            )
        return done.stdout

    def _processes_changed(self) -> None:
        programs = self._supervisor.programs
        record(self._stack.data, {name: pid for one in programs for name, pid in one.pids.items()})
        if self._ready:
            publish(self._stack, {one.name: one.pid for one in programs if one.pid is not None})

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False)

    def _show(self) -> None:
        lines = [f"  [bold]{label:<16}[/bold] {value}" for label, value in summary(self._stack)]
        for service in ALL:
            if service.name in self._without:
                lines += [f"\nRun {service.name} yourself:", by_hand(self._stack, service)]
        self._console.print(
            "", *lines, "\nCtrl-C or ./dev down stops it all.", sep="\n", highlight=False, soft_wrap=True
        )


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Does `work`, but gives it up when asked to stop."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait([doing, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not doing.done():
        doing.cancel()
        await asyncio.wait([doing])
    elif error := doing.exception():
        raise error
