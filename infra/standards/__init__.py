"""What holds for every resource: how long it stays, who may do what, and what auditors ask for."""
