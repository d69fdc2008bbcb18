"""Syncledger from the command line. It knows the API and nothing else of Syncledger."""
