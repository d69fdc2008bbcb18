"""Commands of an operator, each in a process of its own that is forked."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from cryptography.fernet import Fernet

from devstack.administering import Administration


@pytest.fixture(scope="module")
def administration() -> Iterator[Administration]:
    with closing(Administration()) as administration:
        yield administration


def test_what_a_command_says_and_how_it_ends_is_told(administration: Administration) -> None:
    helped = administration.run(os.environ, "tokens", "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "create" in helped.stdout

    refused = administration.run(os.environ, "shops", "add")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--domain" in refused.stderr


def test_an_error_nobody_expected_ends_it_and_not_the_next(administration: Administration) -> None:
    environment = os.environ | {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "RABBITMQ_URL": "amqp://127.0.0.1:1/",
        "SECRET_KEYS": Fernet.generate_key().decode(),
    }
    failed = administration.run(environment, "migrate")
    assert failed.returncode == 1
    assert "Connect" in failed.stderr
    assert administration.run(environment, "--help").returncode == 0
