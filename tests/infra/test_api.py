"""The HTTP API: the routes of operations.py, who may call each, and how much."""

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from infra.api import Api
from infra.operations import API_PREFIX, AUTHORIZER, ROUTES, SERVED, Access, Route
from tests.infra.every import every_route, every_stage
from tests.infra.stages import Properties, Stage, settings_with
from tests.scaffolding.template import referred, rendered, resources

_BROWSER_APP = "https://app.example.com"


def _route(stage: Stage, route: Route) -> Properties:
    [found] = [each for each in stage.all("AWS::ApiGatewayV2::Route").values() if each["RouteKey"] == route.key]
    return found


@every_stage
def test_the_api_has_the_routes_of_operations_and_no_others(stage: Stage) -> None:
    keys = sorted(route["RouteKey"] for route in stage.all("AWS::ApiGatewayV2::Route").values())
    assert keys == sorted(route.key for route in SERVED)


@every_route
def test_a_route_calls_its_function(stage: Stage, route: Route) -> None:
    name = referred({"Ref": rendered(_route(stage, route)["Target"]).removeprefix("integrations/${").removesuffix("}")})
    integration = stage.all("AWS::ApiGatewayV2::Integration")[name]
    assert referred(integration["IntegrationUri"]) == stage.function_ids[route.function.module]
    assert integration["IntegrationType"] == "AWS_PROXY"
    assert integration["PayloadFormatVersion"] == "2.0"
    assert integration.get("TimeoutInMillis", 30_000) > 1000 * route.function.timeout_seconds


@every_route
def test_a_route_asks_for_a_token_unless_anyone_may_call_it(stage: Stage, route: Route) -> None:
    properties = _route(stage, route)
    if route.access is Access.ANYONE:
        assert properties["AuthorizationType"] == "NONE"
        assert "AuthorizerId" not in properties
    else:
        [authorizer] = stage.all("AWS::ApiGatewayV2::Authorizer")
        assert properties["AuthorizationType"] == "CUSTOM"
        assert referred(properties["AuthorizerId"]) == authorizer


@every_stage
def test_the_authorizer_is_asked_about_every_request_with_an_authorization_header(stage: Stage) -> None:
    authorizer = stage.one("AWS::ApiGatewayV2::Authorizer")
    function = stage.function_ids[AUTHORIZER.module]
    assert rendered(authorizer["AuthorizerUri"]).endswith(f"/functions/${{{function}.Arn}}/invocations")
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


@every_stage
def test_no_stage_lets_a_signed_out_token_in_for_longer_than_it_says(stage: Stage) -> None:
    authorizer = stage.one("AWS::ApiGatewayV2::Authorizer")
    assert authorizer["AuthorizerResultTtlInSeconds"] == stage.settings.authorizer_cache_seconds == 0


@every_stage
def test_the_api_takes_as_many_requests_as_the_stage_says(stage: Stage) -> None:
    properties = stage.one("AWS::ApiGatewayV2::Stage")
    assert properties["DefaultRouteSettings"]["ThrottlingRateLimit"] == stage.settings.throttle_rate
    assert properties["DefaultRouteSettings"]["ThrottlingBurstLimit"] == stage.settings.throttle_burst
    assert (properties["StageName"], properties["AutoDeploy"]) == ("$default", True)


@every_stage
def test_routes_that_anyone_may_try_credentials_at_take_fewer_requests(stage: Stage) -> None:
    properties = stage.one("AWS::ApiGatewayV2::Stage")
    limits = {"ThrottlingRateLimit": stage.settings.sign_in_rate, "ThrottlingBurstLimit": stage.settings.sign_in_burst}
    slow = ("/register", "/register/confirm", "/login", "/refresh")
    assert properties["RouteSettings"] == {f"POST {API_PREFIX}{path}": limits for path in slow}
    assert stage.settings.sign_in_rate <= stage.settings.throttle_rate


@every_stage
def test_a_stage_comes_after_the_routes_that_it_names(stage: Stage) -> None:
    [resource] = resources("AWS::ApiGatewayV2::Stage", stage.name).values()
    named = set(resource["Properties"]["RouteSettings"])
    routes = stage.all("AWS::ApiGatewayV2::Route")
    assert named <= {routes[name]["RouteKey"] for name in resource["DependsOn"] if name in routes}


@every_stage
def test_the_api_logs_every_request_without_its_secrets(stage: Stage) -> None:
    log = stage.one("AWS::ApiGatewayV2::Stage")["AccessLogSettings"]
    group = stage.all("AWS::Logs::LogGroup")[referred(log["DestinationArn"])]
    assert {"Key": "logs", "Value": "api"} in group["Tags"]
    assert group["RetentionInDays"] == stage.settings.log_retention_days
    logged = set(json.loads(log["Format"]).values())
    assert {"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"} <= logged
    assert not [value for value in logged if not value.startswith("$context.")]


@every_stage
def test_browsers_of_other_origins_are_let_in_only_where_the_stage_names_them(stage: Stage) -> None:
    has_cors = "CorsConfiguration" in stage.one("AWS::ApiGatewayV2::Api")
    assert has_cors is bool(stage.settings.allowed_origins)


def test_a_stage_that_names_origins_lets_browsers_of_those_in() -> None:
    cors = _alone(allowedOrigins=[_BROWSER_APP])["AWS::ApiGatewayV2::Api"]["CorsConfiguration"]
    assert cors["AllowOrigins"] == [_BROWSER_APP]
    assert set(cors["AllowMethods"]) == {route.method for route in ROUTES}
    assert {"authorization", "content-type", "idempotency-key"} <= set(cors["AllowHeaders"])
    assert {"idempotency-replayed", "location", "retry-after"} <= set(cors["ExposeHeaders"])
    assert not cors.get("AllowCredentials")


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_stage_may_trade_sign_out_for_fewer_calls_of_the_authorizer(seconds: int) -> None:
    authorizer = _alone(authorizerCacheSeconds=seconds)["AWS::ApiGatewayV2::Authorizer"]
    assert authorizer["AuthorizerResultTtlInSeconds"] == seconds


def _alone(**settings: object) -> dict[str, Properties]:
    return _resources_alone(json.dumps(settings))


@cache
def _resources_alone(settings: str) -> dict[str, Properties]:
    """The API by itself, of a stage with some settings; the functions behind it are imported."""
    stack = cdk.Stack(cdk.App(), "Alone")
    function = lambda_.Function.from_function_arn(
        stack, "Function", "arn:aws:lambda:us-east-1:123456789012:function:somebody-elses"
    )
    chosen = settings_with(**json.loads(settings))
    Api(stack, settings=chosen, prefix="alone").open(authorizer=function, function_of=lambda _: function)
    found: dict[str, dict[str, Any]] = Template.from_stack(stack).to_json()["Resources"]
    return {resource["Type"]: resource["Properties"] for resource in found.values()}
