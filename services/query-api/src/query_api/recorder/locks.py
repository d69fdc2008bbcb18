"""Keys of Postgres advisory locks. 7265437001 guards migrations, 7265437002 the making of partitions."""

# Shared by every recording transaction, exclusive for a rebuild.
RECORDING = 7_265_437_003
# Held by the one process that is doing maintenance; a rebuild holds it too.
MAINTENANCE = 7_265_437_004
