"""Errors that say our own database is away or overtaxed, not that a statement is wrong."""

import asyncpg

INFRASTRUCTURE_ERRORS: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    OSError,
)


def blames_the_statement(error: Exception) -> bool:
    """The database is fine and refuses what it was asked."""
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, INFRASTRUCTURE_ERRORS)
