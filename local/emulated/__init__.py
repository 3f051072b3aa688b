"""Features of AWS that the template needs and ministack lacks. Runs in the emulator's own environment."""
