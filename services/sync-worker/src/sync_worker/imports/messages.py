"""What the tasks of an import hand to each other."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.envelope import Payload
from sync_worker.imports.kinds import ImportKind


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    def payload(self) -> Payload:
        return Payload(body=self.model_dump_json(exclude_none=True).encode())


class ImportRequest(_Message):
    """What a person asked for."""

    import_id: UUID
    kinds: tuple[ImportKind, ...] = Field(min_length=1)
    requested_by: str


class ImportStep(_Message):
    """Which import goes on."""

    import_id: UUID


class FinishedOperation(_Message):
    """`bulk_operations/finish`: Shopify tells no address, so the operation has to be read."""

    admin_graphql_api_id: str = Field(pattern=r"^gid://shopify/BulkOperation/\d{1,19}$")


class Look(_Message):
    """An export to be looked at. `import_id` None: the shop said that it is done."""

    operation_id: str
    import_id: UUID | None = None
