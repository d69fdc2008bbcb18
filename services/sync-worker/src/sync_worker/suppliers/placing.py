"""Places an order at a supplier once, whatever became of earlier attempts."""

from datetime import timedelta

from shared.errors import Rejected, UnknownOutcome
from sync_worker.once import at_most_once
from sync_worker.store.effects import EffectBook
from sync_worker.suppliers.port import Placed, Purchase, Supplier

LOOK_AFTER = timedelta(minutes=1)
IN_DOUBT = (
    "It is not known whether the supplier took the order, and it can not be looked up there. Ask the "
    "supplier before retrying, because a retry sends it again"
)


async def place_once(supplier: Supplier, purchase: Purchase, book: EffectBook) -> Placed:
    """A supplier that recognises repeats is simply asked again; one that can be asked is asked first; with
    any other the intent is written down, and after a doubt a person decides."""
    if supplier.recognises_repeats:
        return await supplier.place_order(purchase)
    if supplier.can_find:
        return await _looked_up_first(supplier, purchase)
    return await _written_down_first(supplier, purchase, book)


async def _looked_up_first(supplier: Supplier, purchase: Purchase) -> Placed:
    """After an unknown outcome the next look comes late enough for the supplier to have made up its mind."""
    reference = await supplier.find_order(purchase.number)
    if reference is not None:
        return Placed(reference, existed_before=True)
    try:
        return await supplier.place_order(purchase)
    except UnknownOutcome as error:
        raise UnknownOutcome(error.message, after=LOOK_AFTER, answer=error.answer, kind=error.kind) from error


async def _written_down_first(supplier: Supplier, purchase: Purchase, book: EffectBook) -> Placed:
    placed: list[Placed] = []

    async def place() -> bool:
        placed.append(await supplier.place_order(purchase))
        return True

    await at_most_once(book, place, doubt=IN_DOUBT)
    if not placed:
        raise Rejected("The supplier took the order, but its reference was lost", kind="unknown_outcome")
    return placed[0]
