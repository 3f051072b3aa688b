"""The session of a request: the one that its bearer token belongs to, unless it has ended."""

from auth.sessions import Session, SessionTable
from auth.tokens import TokenVerifier, bearer_token
from shared.problems import SessionEndedError, UnauthorizedError


def live_session(authorization: str | None, verifier: TokenVerifier, sessions: SessionTable) -> Session:
    """The session of an Authorization header. One read; none for an invalid token.

    Raises UnauthorizedError for a header without a bearer token, InvalidTokenError, SessionEndedError.
    """
    token = bearer_token(authorization)
    if token is None:
        raise UnauthorizedError
    session = verifier.session(token)
    if sessions.has_ended(session):
        raise SessionEndedError
    return session
