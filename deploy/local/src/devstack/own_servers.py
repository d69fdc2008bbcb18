"""The Postgres and RabbitMQ of the local stack, with their data and the ports they had before."""

from dataclasses import dataclass

from devstack.data import DataDirectory, read_json, write_json
from devstack.postgres import reachable_home
from devstack.rabbitmq_packages import Say
from devstack.servers import (
    OwnPostgres,
    OwnRabbit,
    Place,
    given_postgres_url,
    given_rabbitmq_url,
    own_postgres,
    own_rabbit,
)


@dataclass(frozen=True)
class StackServers:
    """Their addresses; `postgres` or `rabbitmq` is None when somebody else runs the one given by address."""

    database_url: str
    rabbitmq_url: str
    postgres: OwnPostgres | None
    rabbitmq: OwnRabbit | None


def choose_servers(data: DataDirectory, say: Say) -> StackServers:
    """Servers ready to be started. A port is kept from run to run as long as it is free."""
    had = read_json(data.server_ports_file)
    database_url, rabbitmq_url = given_postgres_url(), given_rabbitmq_url()
    postgres = rabbitmq = None
    if database_url is None:
        home = reachable_home(data.server_home("postgres"))
        postgres = own_postgres(Place(home, data.log("postgres"), port=had.get("postgres")))
        database_url, had["postgres"] = postgres.url, postgres.port
    if rabbitmq_url is None:
        home = data.server_home("rabbitmq")
        rabbitmq = own_rabbit(Place(home, data.log("rabbitmq"), port=had.get("rabbitmq")), say)
        rabbitmq_url, had["rabbitmq"] = rabbitmq.url, rabbitmq.port
    write_json(data.server_ports_file, had)
    return StackServers(database_url, rabbitmq_url, postgres, rabbitmq)
