"""The contract itself, as an operation."""
