"""What the template deploys."""
