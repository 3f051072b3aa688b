"""`make fuzz`: requests that a machine made of the OpenAPI document, against the running platform."""
