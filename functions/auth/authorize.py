"""The API's REQUEST authorizer: whose token it is, and whether its session still lives.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from typing import Any

from auth.sessions import SessionTable
from auth.tokens import InvalidTokenError, TokenVerifier, bearer_token
from shared.logs import logger

verifier = TokenVerifier.of_stage()
sessions = SessionTable.of_stage()


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Whether the request may pass, and who it is from, as the operation finds it in Request.caller. One read.

    A failure lets nobody pass: API Gateway answers 500.
    """
    # API Gateway writes names in lower case, SAM does not.
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    token = bearer_token(headers.get("authorization"))
    request_id = event["requestContext"]["requestId"]
    if token is None:
        return _refused(request_id, "no bearer token")
    try:
        session = verifier.session(token)
    except InvalidTokenError:
        return _refused(request_id, "invalid token")
    if sessions.has_ended(session):
        return _refused(request_id, "session ended")
    # The access log has the request; a line more for each would cost a tenth of all that is logged.
    logger.debug("authorized", requestId=request_id)
    context = {"profileId": session.profile_id, "login": session.login, "sessionId": session.id}
    return {"isAuthorized": True, "context": context}


def _refused(request_id: str, reason: str) -> dict[str, object]:
    logger.info("refused", requestId=request_id, reason=reason)
    return {"isAuthorized": False}
