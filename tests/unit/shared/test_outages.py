"""Which errors say that the database is away, and which that it was asked something wrong."""

import asyncpg
import pytest

from shared.db.outages import INFRASTRUCTURE_ERRORS, blames_the_statement


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.DiskFullError("could not extend file"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
    ],
)
def test_what_only_says_that_the_database_is_away_is_no_fault_of_a_statement(error: Exception) -> None:
    assert isinstance(error, INFRASTRUCTURE_ERRORS)
    assert not blames_the_statement(error)


def test_what_the_database_refuses_is_a_fault_of_the_statement() -> None:
    error = asyncpg.UniqueViolationError("duplicate key value")
    assert blames_the_statement(error)
    assert not isinstance(error, INFRASTRUCTURE_ERRORS)
