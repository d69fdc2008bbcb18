"""Shops that are not Shopify's: what they tell, translated into what a Shopify shop would have told."""
