"""Shops in a certain condition, written straight into the tables the facts are read from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.identity import first_id_at

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shop:
    """A shop as a test changes it."""

    connection: Any
    id: int

    async def account(self, kind: str = "shopify", **changes: Any) -> int:
        row = {"name": kind, "problem": None, "settings": {}, "created_at": None} | changes
        account_id: int = await self.connection.fetchval(
            """
            INSERT INTO store.accounts (shop_id, kind, name, base_url, credentials, problem, settings,
                                        created_at)
            VALUES ($1, $2, $3, 'https://x.example', '\\x', $4, $5, coalesce($6, now())) RETURNING id
            """,
            *(self.id, kind, row["name"], row["problem"], row["settings"], row["created_at"]),
        )
        return account_id

    async def count(
        self, bucket: datetime, task_type: str, state: str = "succeeded", n: int = 1, *, table: str = "minute"
    ) -> None:
        await self.connection.execute(
            f"INSERT INTO ledger.task_counts_by_{table} VALUES ($1, $2, $3, 0, $4, $5, 0, 0, 0)",
            *(bucket, self.id, task_type, state, n),
        )

    async def task(self, state: str, since: datetime, **changes: Any) -> UUID:
        """A task that came into the state then, counted as being in it."""
        row = {"type": "SyncContact", "account_id": None, "due_at": None, "order_number": None} | changes
        task_id = UUID(int=first_id_at(since).int + uuid4().int % 2**64)
        await self.connection.execute("SELECT ledger.ensure_partitions($1, $1)", since.date())
        await self.connection.execute(
            """
            INSERT INTO ledger.tasks (task_id, shop_id, account_id, type, state, state_rank, attempt,
                                      max_attempts, created_at, queued_at, due_at, updated_at, order_number)
            VALUES ($1, $2, $3, $4, $5, 0, 1, 5, $6, $6, $7, $6, $8)
            """,
            *(
                task_id,
                self.id,
                row["account_id"],
                row["type"],
                state,
                since,
                row["due_at"],
                row["order_number"],
            ),
        )
        await self.connection.execute(
            """
            INSERT INTO ledger.task_counts AS c VALUES ($1, $2, coalesce($3, 0), $4, 1)
            ON CONFLICT (shop_id, type, account_id, state) DO UPDATE SET n = c.n + 1
            """,
            *(self.id, row["type"], row["account_id"], state),
        )
        return task_id

    async def is_run(self, task_id: UUID, lease_until: datetime) -> None:
        await self.connection.execute(
            "INSERT INTO store.inbox (task_id, attempt, is_running, owner, lease_until) "
            "VALUES ($1, 1, true, 'w', $2)",
            *(task_id, lease_until),
        )

    async def pause(self, account_id: int, until: datetime, *, is_hold: bool = False) -> None:
        await self.connection.execute(
            "INSERT INTO store.throttles VALUES ($1, $2, 'It refused us', $3)", account_id, until, is_hold
        )

    async def fails(self, fingerprint: str, first_at: datetime, last_at: datetime, n: int = 1) -> None:
        await self.connection.execute(
            """
            INSERT INTO ledger.failure_groups (shop_id, fingerprint, type, error_kind, place, message,
                                               remedy, n, first_at, last_at, example_id)
            VALUES ($1, $2, 'SyncOrder', 'validation', 'x.py:f', 'It was refused',
                    'Correct it', $3, $4, $5, $6)
            """,
            *(self.id, fingerprint, n, first_at, last_at, first_id_at(last_at)),
        )
        hour = last_at.replace(minute=0, second=0, microsecond=0)
        await self.connection.execute(
            "INSERT INTO ledger.failures_by_hour VALUES ($1, $2, $3, 0, $4)", self.id, fingerprint, hour, n
        )

    async def is_alerted(self, rule: str, subject: str, began_at: datetime, state: str = "firing") -> None:
        await self.connection.execute(
            """
            INSERT INTO alerts.alerts (id, shop_id, rule, subject, state, severity, title, explanation, facts,
                                       began_at, seen_at)
            VALUES (gen_random_uuid(), $1, $2, $3, $4, 'warning', 't', 'e', '{}', $5, $5)
            """,
            *(self.id, rule, subject, state, began_at),
        )

    async def calls(self, account_id: int, category: str, minute: datetime, **counts: int) -> None:
        """Calls of one minute; those that failed also stand as the newest that went wrong."""
        names = ("ok", "rejected", "refused", "rate_limited", "failed", "no_answer")
        await self.connection.execute(
            """
            INSERT INTO ledger.api_calls VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 100, ARRAY[$4, 0, 0, 0, 0, 0, 0, 0, 0])
            """,
            *(account_id, category, minute, sum(counts.values()), *(counts.get(name, 0) for name in names)),
        )
        error_at = minute if counts.keys() - {"ok", "rejected"} else None
        await self.connection.execute(
            """
            INSERT INTO ledger.api_last_calls AS l VALUES ($1, $2, $3, $4, 'x', NULL)
            ON CONFLICT (account_id, category) DO UPDATE SET
                called_at = greatest(l.called_at, excluded.called_at),
                error_at = greatest(l.error_at, excluded.error_at)
            """,
            *(account_id, category, minute, error_at),
        )


async def add_shop(connection: Any, installed_at: datetime, domain: str = "one.example") -> Shop:
    shop_id = await connection.fetchval(
        """
        INSERT INTO store.shops (domain, name, email, timezone, data_key, installed_at)
        VALUES ($1, 'One', 'one@one.example', 'Europe/Stockholm', '\\x', $2) RETURNING id
        """,
        *(domain, installed_at),
    )
    return Shop(connection, shop_id)


async def add_token(connection: Any, expires_at: datetime, shop_ids: list[int] | None) -> None:
    await connection.execute(
        """
        INSERT INTO admin.api_tokens (name, token_hash, prefix, role, shop_ids, expires_at)
        VALUES ('erp', decode(md5(random()::text), 'hex'), 'p', 'viewer', $2, $1)
        """,
        *(expires_at, shop_ids),
    )
