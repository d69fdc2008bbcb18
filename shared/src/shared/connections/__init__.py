"""How the connections to other systems are: counts by minute, colours, reasons, the breaker. Pure."""
