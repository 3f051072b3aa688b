"""The user pool's triggers: a profile for every user, before the user's first token.

PostConfirmation creates it; PreTokenGeneration is the safety net, for a user whose PostConfirmation failed.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiles.profile import Profile
from profiles.profile_created import profile_created
from profiles.profile_table import ProfileTable
from shared import clock, correlation, metrics
from shared.dynamodb import ConditionFailedError
from shared.metrics import Metric

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

profiles = ProfileTable.of_stage()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Create the user's profile if there is none; return the event to Cognito unchanged.

    A failure fails the sign-up or sign-in: no token without a profile. One read, at most one write.
    """
    correlation.carry_on(event["request"].get("clientMetadata", {}).get("correlationId"), context)
    attributes = event["request"]["userAttributes"]
    if profiles.get(attributes["sub"]) is None:
        now = clock.timestamp()
        profile = Profile(attributes["sub"], event["userName"], attributes["email"], None, None, now, now)
        try:
            profiles.add(profile, profile_created(profile))
        except ConditionFailedError:
            # The other trigger was faster.
            return event
        metrics.publish({Metric.SIGN_UPS: 1}, profileId=attributes["sub"], trigger=event["triggerSource"])
    return event
