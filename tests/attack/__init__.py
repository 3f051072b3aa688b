"""Every route × every token that must not open it, over HTTP on the local cloud (`make attack`)."""
