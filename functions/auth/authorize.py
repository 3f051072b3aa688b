"""The API's REQUEST authorizer: verifies the access token and checks that its session has not ended.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from typing import Any

from auth.live_session import live_session
from auth.sessions import SessionTable
from auth.tokens import TokenVerifier
from shared import correlation
from shared.caller import Caller, refusal_context
from shared.logs import logger
from shared.problems import InvalidTokenError, SessionEndedError, UnauthorizedError

verifier = TokenVerifier.of_stage()
sessions = SessionTable.of_stage()


def handler(event: dict[str, Any], _context: object) -> dict[str, object]:
    """Pass the caller, or the reason for rejecting the token, to Request.caller. One read.

    It lets every request pass: API Gateway would answer a denied request itself, with a 403 that no browser can read;
    @operation answers with a problem document (docs/decisions/0023). On a failure no request passes: API Gateway
    answers 500.
    """
    # API Gateway writes names in lower case, SAM does not.
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    correlation.begin(event["requestContext"]["requestId"])
    try:
        session = live_session(headers.get("authorization"), verifier, sessions)
    except (InvalidTokenError, SessionEndedError, UnauthorizedError) as refused:
        logger.info("refused", reason=refused.code)
        return {"isAuthorized": True, "context": refusal_context(refused)}
    # The access log has the request; another line for each would add a tenth to all that is logged.
    logger.debug("authorized")
    return {"isAuthorized": True, "context": Caller(session.profile_id, session.login, session.id).context()}
