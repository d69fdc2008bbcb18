"""Sellers at Amazon: Login with Amazon, orders, confirmed packages and the catalogue."""
