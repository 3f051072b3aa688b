"""The rules of AWS WAF for the API: limits for each address, and AWS's managed rules where they fit a JSON API."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.operations import API_PREFIX, ROUTES, TAKES_CREDENTIALS
from infra.settings import EdgeSettings
from shared.problems import TooManyRequestsError

WINDOW_SECONDS = 60
"""The window of a rate; WAF allows 60, 120, 300 and 600."""

ONLY_COUNTED: Mapping[str, Mapping[str, str]] = {
    "AWSManagedRulesCommonRuleSet": {
        "SizeRestrictions_BODY": "It blocks bodies over 8 KB; ours may have 64 KiB, which shared/http.py checks.",
        "CrossSiteScripting_BODY": "Text fields may hold any text, which is only ever returned as JSON.",
        "GenericLFI_BODY": "The same: no text is used as a file path.",
        "GenericRFI_BODY": "The same: no address in a body is ever requested.",
        "EC2MetaDataSSRF_BODY": "The same.",
        "GenericRFI_QUERYARGUMENTS": "redirect_uri of /oauth2/authorize may have a numeric address.",
        "EC2MetaDataSSRF_QUERYARGUMENTS": "redirect_uri of /oauth2/authorize may be http://localhost….",
        "NoUserAgent_HEADER": "The contract does not require a User-Agent.",
    },
    "AWSManagedRulesKnownBadInputsRuleSet": {},
    "AWSManagedRulesAmazonIpReputationList": {},
}
"""AWS's rule groups in order, each with the rules that would block what the contract allows, and the reason.

https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""

LIMITS = ("sign-ins-by-address", "requests-by-address")
"""The rules that count requests by address; they come before the others."""

_TOO_MANY = "too-many-requests"


def web_acl(scope: Construct, edge: EdgeSettings, *, prefix: str) -> waf.CfnWebACL:
    """The web ACL of a stage, for CloudFront: its stack must be in us-east-1.

    The limits come first, so that requests over them cost nothing more. The first rule that blocks answers.
    """
    sign_ins, requests = LIMITS
    rules = [
        _limit(sign_ins, edge.sign_ins_per_minute, _to_routes_that_take_credentials()),
        _limit(requests, edge.requests_per_minute),
        *(_managed(group, counted) for group, counted in ONLY_COUNTED.items()),
    ]
    for priority, rule in enumerate(rules):
        rule["priority"] = priority
        rule["visibility_config"] = _visibility(f"{prefix}-{rule['name']}")
    return waf.CfnWebACL(
        scope,
        "WebAcl",
        name=prefix,
        scope="CLOUDFRONT",
        default_action=waf.CfnWebACL.DefaultActionProperty(allow=waf.CfnWebACL.AllowActionProperty()),
        visibility_config=_visibility(prefix),
        rules=[waf.CfnWebACL.RuleProperty(**rule) for rule in rules],
        custom_response_bodies={
            _TOO_MANY: waf.CfnWebACL.CustomResponseBodyProperty(
                content=json.dumps(_problem()), content_type="APPLICATION_JSON"
            )
        },
    )


def credential_paths() -> list[str]:
    """Path prefixes of all routes that take credentials, without those that another prefix covers."""
    paths = sorted({f"{API_PREFIX}{row.path}" for row in ROUTES if row.function.module in TAKES_CREDENTIALS})
    return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]


def _problem() -> dict[str, object]:
    """The problem document for a request over a limit; WAF can't add the request's id.

    Its content type is application/json: WAF allows no other JSON type, and no header of that name.
    https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-for-blocked-requests.html
    """
    document = dict(TooManyRequestsError().document(instance="", request_id=""))
    return {name: value for name, value in document.items() if name not in {"instance", "requestId"}}


def _limit(name: str, limit: int, where: waf.CfnWebACL.StatementProperty | None = None) -> dict[str, Any]:
    rate = waf.CfnWebACL.RateBasedStatementProperty(
        limit=limit, aggregate_key_type="IP", evaluation_window_sec=WINDOW_SECONDS, scope_down_statement=where
    )
    answer = waf.CfnWebACL.CustomResponseProperty(
        response_code=int(TooManyRequestsError.status),
        custom_response_body_key=_TOO_MANY,
        response_headers=[
            waf.CfnWebACL.CustomHTTPHeaderProperty(name=header, value=value)
            for header, value in {"retry-after": str(WINDOW_SECONDS), "cache-control": "no-store"}.items()
        ],
    )
    return {
        "name": name,
        "statement": waf.CfnWebACL.StatementProperty(rate_based_statement=rate),
        "action": waf.CfnWebACL.RuleActionProperty(block=waf.CfnWebACL.BlockActionProperty(custom_response=answer)),
    }


def _to_routes_that_take_credentials() -> waf.CfnWebACL.StatementProperty:
    # Decoded as API Gateway does before it looks for a route, so that `/api/v1/%6Cogin` is counted too.
    as_routed = [
        waf.CfnWebACL.TextTransformationProperty(priority=priority, type=kind)
        for priority, kind in enumerate(("URL_DECODE", "NORMALIZE_PATH"))
    ]
    matches = [
        waf.CfnWebACL.StatementProperty(
            byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
                field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
                positional_constraint="STARTS_WITH",
                search_string=path,
                text_transformations=as_routed,
            )
        )
        for path in credential_paths()
    ]
    return waf.CfnWebACL.StatementProperty(or_statement=waf.CfnWebACL.OrStatementProperty(statements=matches))


def _managed(group: str, counted: Mapping[str, str]) -> dict[str, Any]:
    statement = waf.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name=group,
        rule_action_overrides=[
            waf.CfnWebACL.RuleActionOverrideProperty(
                name=rule,
                action_to_use=waf.CfnWebACL.RuleActionProperty(count=waf.CfnWebACL.CountActionProperty()),
            )
            for rule in counted
        ]
        or None,
    )
    return {
        "name": group,
        "statement": waf.CfnWebACL.StatementProperty(managed_rule_group_statement=statement),
        "override_action": waf.CfnWebACL.OverrideActionProperty(none={}),
    }


def _visibility(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Metrics without samples: samples would keep headers, including bearer tokens, for three hours.

    https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
    """
    return waf.CfnWebACL.VisibilityConfigProperty(
        metric_name=metric, cloud_watch_metrics_enabled=True, sampled_requests_enabled=False
    )
