"""What an operator types, on AWS as on the local cloud."""
