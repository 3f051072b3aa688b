"""Rules for every resource: retention, permissions, and what auditors ask for."""
