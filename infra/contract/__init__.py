"""The contract as documents, generated from the handlers' interfaces and the events; and its breaking changes."""
