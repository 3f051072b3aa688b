"""What ministack lacks of the AWS that the template asks for. Runs in the emulator's own environment."""
