"""What the template deploys, and that documents and settings match it.

Proves that each function has the grants, limits, alarms and routes that its row in infra/operations.py asks for, that a
wrong setting fails synth with one line, and that the README, the runbook and the workflows name what exists.

About 2 minutes on 2 cores.
Run it: `make test KIND=infra`.
"""
