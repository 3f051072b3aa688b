"""A browser app that signs in through the hosted login, on this machine: to try it, and to copy from."""
