"""Deliveries that were refused at the door."""
