"""Real gateways, nginx and Envoy, with the very configurations of docs/gateway, before an upstream that trusts them."""
