"""`make local`: starts the local cloud, shows what happens, and serves what is edited."""
