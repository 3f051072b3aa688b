"""What functions are held against: each a handler under the same runtime interface client."""
