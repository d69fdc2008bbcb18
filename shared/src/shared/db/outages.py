"""Errors that say our own database is away or overtaxed, not that a statement is wrong."""

import asyncpg

# InternalClientError: what asyncpg says of a connection on which the server's farewell is being read.
INFRASTRUCTURE_ERRORS: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    OSError,
)
# Whatever can go wrong with it.
ANY_DATABASE_ERROR: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    *INFRASTRUCTURE_ERRORS,
    TimeoutError,
)


def blames_the_statement(error: Exception) -> bool:
    """The database is fine and refuses what it was asked."""
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, INFRASTRUCTURE_ERRORS)
