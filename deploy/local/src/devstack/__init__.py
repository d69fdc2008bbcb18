"""Runs the whole of Syncledger on one machine for developers and tests."""
