"""What tests of several kinds use: the platform in one process (world.py), and what is counted of it."""
