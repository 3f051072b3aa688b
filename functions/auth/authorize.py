"""The API's REQUEST authorizer: whose token it is, and whether its session still lives.

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
    """Who the request is from, or why its token is refused, for Request.caller to find. One read.

    It lets every request pass: API Gateway would answer a denied one itself, by a 403 that no browser can read, and
    @operation answers by a problem document (docs/decisions/0023). A failure lets nobody pass: API Gateway answers 500.
    """
    # API Gateway writes names in lower case, SAM does not.
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    correlation.begin(event["requestContext"]["requestId"])
    try:
        session = live_session(headers.get("authorization"), verifier, sessions)
    except (InvalidTokenError, SessionEndedError, UnauthorizedError) as refused:
        logger.info("refused", reason=refused.code)
        return {"isAuthorized": True, "context": refusal_context(refused)}
    # The access log has the request; a line more for each would cost a tenth of all that is logged.
    logger.debug("authorized")
    return {"isAuthorized": True, "context": Caller(session.profile_id, session.login, session.id).context()}
