"""Who sends deliveries: one module per kind of sender."""

from ingest.sources.engage import Engage
from ingest.sources.shipments import Shipments
from ingest.sources.shopify import Shopify
from ingest.sources.source import Source
from ingest.sources.standard import Standard
from ingest.sources.woocommerce import WooCommerce

SOURCES: tuple[Source, ...] = (Shopify(), Engage(), WooCommerce(), Standard(), Shipments())
