"""What one task of an import gets done: lines are staged, then objects stored, as long as a slice lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from shared.clients.shopify_admin import ShopAdmins
from shared.handling import Run
from sync_worker.clients.exports import Exports
from sync_worker.clients.movements import movements
from sync_worker.imports.slices import Slice
from sync_worker.imports.staging import stage
from sync_worker.imports.working import CrmWants, work
from sync_worker.mapping.nodes import Node
from sync_worker.store.accounts import crm_account_id, sends_receipts_by_parcel
from sync_worker.store.imports import Import, ImportState

LEFT_TO_OTHERS = 0.25


async def one_slice(exports: Exports, shops: ShopAdmins, run: Run, job: Import) -> Import:
    """How the import stands after it. Raises as the shop's storage and its Admin API do."""
    part = Slice()
    if job.state is ImportState.STAGING:
        job = await stage(run.pool, exports, job, part)
    if job.state is ImportState.PROCESSING and not part.is_over:
        crm = await _crm_wants(run, job)
        job = await work(run.pool, job, part, crm=crm, ask=partial(_movements, shops, run))
    return job


async def _movements(shops: ShopAdmins, run: Run, gids: Sequence[str]) -> Mapping[str, Node]:
    """Asks the shop for parcels and refunds, out of the part of its budget that live tasks do not need."""
    admin = await shops.open(run.pool, run.task)
    spare = replace(admin.budget, left_to_others=LEFT_TO_OTHERS)
    return await movements(replace(admin, budget=spare), gids)


async def _crm_wants(run: Run, job: Import) -> CrmWants | None:
    account_id = await crm_account_id(run.pool, job.shop_id)
    if account_id is None:
        return None
    return CrmWants(account_id, by_parcel=await sends_receipts_by_parcel(run.pool, account_id))
