"""The ports of the stack."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.data import DataDirectory
from devstack.errors import StackError
from devstack.options import UpOptions, choose_ports, service_names
from devstack.ports import free_port
from devstack.services import DOORS


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path)


def test_free_ports_are_all_different_and_below_those_of_outgoing_connections(data: DataDirectory) -> None:
    ports = choose_ports(UpOptions(data, free_ports=True))
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports.values())) == len(DOORS)
    assert max(ports.values()) < lowest_outgoing


def test_an_option_wins_over_the_environment(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, set_ = free_port(), free_port()
    monkeypatch.setenv("PORT_INGEST", str(set_))
    assert choose_ports(UpOptions(data, free_ports=True))["ingest"] == set_
    assert choose_ports(UpOptions(data, ports={"ingest": asked}, free_ports=True))["ingest"] == asked


def test_a_taken_port_is_named_together_with_the_ways_to_choose_another(data: DataDirectory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            StackError, match=rf"Port {port} for sync-worker .*--port-sync-worker N, PORT_SYNC_WORKER"
        ):
            choose_ports(UpOptions(data, ports={"sync-worker": port}, free_ports=True))


def test_a_taken_port_does_not_matter_for_a_service_run_by_hand(data: DataDirectory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = UpOptions(data, ports={"ingest": port}, free_ports=True, without=frozenset({"ingest"}))
        assert choose_ports(options)["ingest"] == port


def test_two_services_cannot_share_a_port(data: DataDirectory) -> None:
    port = free_port()
    with pytest.raises(StackError, match="ingest and alerting cannot both have port"):
        choose_ports(UpOptions(data, ports={"ingest": port, "alerting": port}, free_ports=True))


def test_an_unknown_service_is_named_with_those_there_are() -> None:
    assert service_names(" ingest, sync-worker,") == {"ingest", "sync-worker"}
    with pytest.raises(StackError, match=r"No service is called worker; there are alerting, ingest"):
        service_names("worker")


def test_the_port_of_before_is_kept_unless_another_stack_is_about_to_take_it() -> None:
    program = "from devstack.ports import free_port; print(free_port(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        taken = int(other.stdout.readline())
        assert free_port(preferred=taken) != taken
        other.communicate("\n")
    assert free_port(preferred=taken) == taken
    assert free_port(preferred=taken) == taken
