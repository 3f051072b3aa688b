"""`make bench`: what every function costs, from its first instruction to its answers, as it is deployed."""
