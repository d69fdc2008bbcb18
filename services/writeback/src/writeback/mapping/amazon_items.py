"""An item of Amazon's catalogue (Catalog Items 2022-04-01), as one of the seller's listings. Pure."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from writeback.marketplaces.port import Listing

INCLUDED = "summaries,dimensions,images"
_GRAMS = {"milligram": 0.001, "gram": 1.0, "kilogram": 1000.0, "ounce": 28.349523125, "pound": 453.59237}


def listing_of(known: Listing, item: Mapping[str, Any], marketplace_id: str) -> Listing:
    """What is known of the listing, with what the catalogue says of its item in that marketplace."""
    summary = _in_marketplace(item.get("summaries"), marketplace_id)
    facts = {
        "product_id": item.get("asin"),
        "marketplace": marketplace_id,
        "brand": summary.get("brand"),
        "model": summary.get("modelNumber") or summary.get("partNumber"),
    }
    return Listing(
        id=known.id,
        sku=known.sku,
        title=summary.get("itemName") or known.title,
        weight_grams=_weight(_in_marketplace(item.get("dimensions"), marketplace_id)),
        image_url=_image(_in_marketplace(item.get("images"), marketplace_id).get("images") or ()),
        data={name: value for name, value in facts.items() if value is not None},
    )


def grams(weight: Any) -> float | None:
    """A weight in whichever unit; None when it has none that is known."""
    if not isinstance(weight, Mapping) or not isinstance(weight.get("value"), int | float):
        return None
    factor = _GRAMS.get(str(weight.get("unit", "")).casefold().removesuffix("s"))
    told = math.nan if factor is None else float(weight["value"]) * factor
    return round(told, 3) if math.isfinite(told) else None


def _weight(dimensions: Mapping[str, Any]) -> float | None:
    """The item's own, else that of its package."""
    weights = (grams((dimensions.get(of) or {}).get("weight")) for of in ("item", "package"))
    return next((weight for weight in weights if weight is not None), None)


def _image(images: Iterable[Mapping[str, Any]]) -> str | None:
    """The largest main image, else any."""
    ranked = sorted(images, key=lambda one: (one.get("variant") == "MAIN", int(one.get("width") or 0)))
    return ranked[-1].get("link") if ranked else None


def _in_marketplace(entries: Any, marketplace_id: str) -> Mapping[str, Any]:
    """Amazon tells everything by marketplace."""
    found = (one for one in entries or () if one.get("marketplaceId") == marketplace_id)
    return next(found, {})
