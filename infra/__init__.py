"""The CDK app: what is deployed, and who may do what."""
