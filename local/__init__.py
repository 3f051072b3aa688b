"""The platform on this machine: an emulator of AWS, and the very template that `cdk deploy` sends to AWS."""
