"""How the connections to other systems are, and how they were."""
