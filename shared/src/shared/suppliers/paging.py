"""How a supplier cuts long answers into pages."""

from typing import Annotated, Literal

from pydantic import Field

from shared.suppliers.paths import ValuePath
from shared.suppliers.vocabulary import Filled, Strict


class CursorPaging(Strict):
    """The answer names the cursor of the next page; it names none on the last."""

    style: Literal["cursor"]
    next: ValuePath
    parameter: Filled = "cursor"
    size: int | None = Field(default=None, ge=1)
    size_parameter: Filled | None = None
    total: ValuePath | None = None


class PagePaging(Strict):
    """Pages have numbers; the first empty one, or the one that completes `total`, ends them."""

    style: Literal["page"]
    parameter: Filled = "page"
    first: int = Field(default=1, ge=0)
    size: int = Field(ge=1)
    size_parameter: Filled | None = None
    total: ValuePath | None = None


class OffsetPaging(Strict):
    """Pages begin after so many elements; ends like pages."""

    style: Literal["offset"]
    parameter: Filled = "offset"
    size: int = Field(ge=1)
    size_parameter: Filled | None = "limit"
    total: ValuePath | None = None


Paging = Annotated[CursorPaging | PagePaging | OffsetPaging, Field(discriminator="style")]
