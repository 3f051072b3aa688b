"""Whose a request is: the session that its bearer token belongs to, if it lives."""

from auth.sessions import Session, SessionTable
from auth.tokens import TokenVerifier, bearer_token
from shared.problems import SessionEndedError, UnauthorizedError


def live_session(authorization: str | None, verifier: TokenVerifier, sessions: SessionTable) -> Session:
    """The session of an Authorization header. One read, and none for a token that is not valid.

    Raises UnauthorizedError for a header without a bearer token, InvalidTokenError, SessionEndedError.
    """
    token = bearer_token(authorization)
    if token is None:
        raise UnauthorizedError
    session = verifier.session(token)
    if sessions.has_ended(session):
        raise SessionEndedError
    return session
