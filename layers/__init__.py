"""What functions share: our own code, and packages."""
