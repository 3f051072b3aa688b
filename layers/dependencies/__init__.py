"""Third-party packages, as Lambda layers."""
