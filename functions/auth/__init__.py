"""Signing up, in and out, and who a request is from. Cognito keeps users and passwords; we keep ended sessions."""
