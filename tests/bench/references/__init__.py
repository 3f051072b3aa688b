"""What functions are held against, and what looks into them: each a handler under the same runtime interface client."""
