"""An embedded Postgres 18: real server processes on a port of 127.0.0.1, data in a directory of ours."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from devstack.accounts import Account, unprivileged_account
from devstack.child import Launch
from devstack.errors import StackError
from devstack.kept import kept_text
from devstack.pgbinaries import PostgresBinaries, binaries_for, wheel_binaries
from devstack.ports import free_port
from devstack.program import ProcessProgram

USER = "syncledger"
DATABASE = "syncledger"
_HBA = "host all all 127.0.0.1/32 password\n"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
}
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
}  # synchronous_commit stays on: a killed server keeps commits
_CREATE_DATABASE = f"create database {DATABASE};\n"


class PostgresServer(ProcessProgram):
    """Keeps port, password and data over stop, kill and start.

    `home` holds everything; as root it must be where the unprivileged account can go, see `reachable_home`.
    `durable=False` trades safety against a power cut (not against a killed process) for speed in tests.
    """

    def __init__(
        self,
        home: Path,
        *,
        log: Path,
        port: int | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("postgres", log)
        self.home = home
        self.port = free_port(preferred=port)
        self._settings = _SETTINGS | ({} if durable else _FAST) | dict(settings or {})
        self._account = unprivileged_account()
        self._binaries = binaries_for(self._account)
        if not self._data.exists():
            _initialise(self._data, account=self._account, binaries=self._binaries)
        self._password = _password_file(self._data).read_text()

    @property
    def url(self) -> str:
        return self.database_url(DATABASE)

    def database_url(self, database: str) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def launch(self) -> Launch:
        settings = self._settings | {"port": str(self.port)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = (self._binaries.program("postgres"), "-D", str(self._data), *options)
        return Launch(
            self.name, command, self.log, env=_environment(), account=self._account, stop_signal=signal.SIGINT
        )

    def answers(self) -> bool:
        return accepts_queries(self.url)

    def discard(self) -> None:
        """Removes the data for good."""
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.home / "data"


def reachable_home(link: Path) -> Path:
    """The directory to give PostgresServer for data that belongs at `link`.

    A plain user's data simply lies there. As root it lies outside of whatever only root may enter, and `link`
    points to it.
    """
    account = unprivileged_account()
    if account is None:
        link.mkdir(parents=True, exist_ok=True)
        return link
    if not link.exists():
        link.unlink(missing_ok=True)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(temporary_home(durable=True))
    return link.resolve()


def temporary_home(*, durable: bool = False) -> Path:
    """A fresh directory the account Postgres runs as can use."""
    home = Path(tempfile.mkdtemp(prefix="syncledger-postgres-", dir="/var/tmp" if durable else None))
    account = unprivileged_account()
    if account is not None:
        account.own(home)
    return home


def accepts_queries(url: str) -> bool:
    """One bounded probe with a real query."""
    return run_psql(url, ["-qAtc", "select 1"], timeout_s=3).returncode == 0


def run_psql(url: str, arguments: list[str], *, timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Runs the wheel's psql without anybody's ~/.psqlrc; a timeout counts as a failure."""
    command, environment = psql_command(url)
    command += ["-X", *arguments]
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", "timed out")


def psql_command(url: str) -> tuple[list[str], dict[str, str]]:
    """The command and environment that open psql on `url`, the password kept off the command line."""
    parts = urlsplit(url)
    without_password = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    environment = dict(os.environ) | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    return [wheel_binaries().program("psql"), "-d", without_password], environment


def _password_file(data: Path) -> Path:
    return data.with_name("password")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _initialise(data: Path, *, account: Account | None, binaries: PostgresBinaries) -> None:
    """Makes the data directory under another name first: one cut short is never taken for a whole one."""
    password, draft = _password_file(data), data.with_name("data.new")
    kept_text(password, lambda: secrets.token_hex(16))
    if account is not None:
        account.own(password)
    shutil.rmtree(draft, ignore_errors=True)
    initdb = [
        *(binaries.program("initdb"), "--pgdata", str(draft), "--username", USER, "--pwfile", str(password)),
        *("--auth", "password", "--encoding", "UTF8", "--no-locale", "--no-instructions"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        # What is 32 random digits long need not be made hard to guess: that takes milliseconds a connection.
        *("--set", "scram_iterations=1"),
    ]
    _run_as(account, initdb)
    _run_as(
        account,
        [binaries.program("postgres"), "--single", "-D", str(draft), "postgres"],
        feed=_CREATE_DATABASE,
    )
    (draft / "pg_hba.conf").write_text(_HBA)
    draft.rename(data)


def _run_as(account: Account | None, command: list[str], *, feed: str = "") -> None:
    done = subprocess.run(
        command,
        cwd="/",
        env=_environment(),
        input=feed,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0:
        raise StackError(f"Postgres could not make its data directory:\n{done.stdout}{done.stderr}")
