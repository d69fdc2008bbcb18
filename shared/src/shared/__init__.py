"""Contracts and service defaults that every service must agree on.

Something enters this package on its second caller, and only if two copies would have to change together.
"""
