"""Operations over many tasks: planned, begun, followed."""
