"""Dropshipping suppliers: catalogues of any size, orders that move on, two quite different ways to speak."""
