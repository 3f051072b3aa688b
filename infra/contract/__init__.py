"""The contract as documents, made of the interfaces beside the handlers and of the events; and what would break it."""
