"""Before a silence of orders is told, the shop is asked about it; what was missed is fetched."""
