"""The CDK app: all resources, and their permissions."""
