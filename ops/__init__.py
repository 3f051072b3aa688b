"""Commands for operators, on AWS and on the local cloud."""
