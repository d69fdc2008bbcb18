"""`python -m syncledger`."""

from syncledger.app import main

main()
