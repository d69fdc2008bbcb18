"""Shipping software: packs what was paid, and reports packages, corrections and packages taken back."""
