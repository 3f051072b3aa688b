"""Small sabotages of the money and event code, each of which the suites must catch."""
