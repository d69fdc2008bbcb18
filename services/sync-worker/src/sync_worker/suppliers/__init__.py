"""Suppliers who ship to the shop's customers: what they are asked, whatever their API looks like."""
