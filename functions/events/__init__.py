"""How events get from the items that they ride in to the bus."""
