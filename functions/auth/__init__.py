"""Sign-up, sign-in, sign-out, and who calls. Cognito stores users and passwords; we store ended sessions."""
