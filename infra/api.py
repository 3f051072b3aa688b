"""The HTTP API: one route for each row of operations.py, all behind the authorizer except those open to anyone."""

import json
from collections.abc import Callable
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.operations import API_PREFIX, ROUTES, SERVED, TAKES_CREDENTIALS, Access, Function, Route
from infra.settings import PROJECT, EdgeSettings, StageSettings
from infra.standards.log_groups import new_log_group

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latencyMs": "$context.responseLatency",
    "error": "$context.authorizer.error $context.integrationErrorMessage",
}
"""A line of the access log; a missing value is a hyphen. Every byte is billed five times in an order's life."""


class Api(Construct):
    """The HTTP API of a stage. Its address exists before its routes: the app client needs that of the docs page."""

    def __init__(self, scope: Construct, *, settings: StageSettings, prefix: str) -> None:
        super().__init__(scope, "Api")
        self._settings = settings
        self._prefix = prefix
        self._routes: dict[Route, apigateway.HttpRoute] = {}
        self.http_api = apigateway.HttpApi(
            self,
            "HttpApi",
            api_name=prefix,
            create_default_stage=False,
            cors_preflight=_cors(settings),
            # With a domain of its own, the API needs no second address.
            disable_execute_api_endpoint=bool(settings.api_domain),
        )
        self.domain = self._own_domain(settings)
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http_api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=settings.throttle_rate, burst_limit=settings.throttle_burst
            ),
            domain_mapping=apigateway.DomainMappingOptions(domain_name=self.domain) if self.domain else None,
        )
        self._stage_resource = cast("apigateway.CfnStage", self.stage.node.default_child)
        self.access_log = new_log_group(self, "api", settings)
        self._stage_resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.access_log.log_group_arn, format=json.dumps(ACCESS_LOG, separators=(",", ":"))
        )

    def open(self, *, authorizer: lambda_.IFunction, function_of: Callable[[Function], lambda_.IFunction]) -> None:
        """Add its routes; `function_of` returns the function of a row."""
        signed_in = authorizers.HttpLambdaAuthorizer(
            "Authorizer",
            authorizer,
            authorizer_name=self._prefix,
            identity_source=["$request.header.Authorization"],
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=cdk.Duration.seconds(self._settings.authorizer_cache_seconds),
        )
        for route in SERVED:
            [self._routes[route]] = self.http_api.add_routes(
                path=f"{route.prefix}{route.path}",
                methods=[apigateway.HttpMethod[route.method]],
                integration=integrations.HttpLambdaIntegration(route.function.module, function_of(route.function)),
                authorizer=signed_in if route.access is Access.SIGNED_IN else None,
            )
        self._slow_down()

    def _own_domain(self, settings: StageSettings) -> apigateway.DomainName | None:
        if not settings.api_domain or not settings.api_certificate:
            return None
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", settings.api_certificate)
        return apigateway.DomainName(
            self,
            "Domain",
            domain_name=settings.api_domain,
            certificate=certificate,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
            mtls=self._for_the_edge_alone(settings.edge) if settings.edge else None,
        )

    def _for_the_edge_alone(self, edge: EdgeSettings) -> apigateway.MTLSConfig:
        """Make the domain accept only connections with a certificate of the truststore: CloudFront's."""
        truststore = assets.Asset(self, "Truststore", path=str(PROJECT / edge.truststore))
        return apigateway.MTLSConfig(bucket=truststore.bucket, key=truststore.s3_object_key)

    def _slow_down(self) -> None:
        """Throttle the routes that take credentials more. A stage can only name existing routes."""
        slow = [route for route in ROUTES if route.function.module in TAKES_CREDENTIALS]
        self._stage_resource.route_settings = {
            route.key: {
                "ThrottlingRateLimit": self._settings.sign_in_rate,
                "ThrottlingBurstLimit": self._settings.sign_in_burst,
            }
            for route in slow
        }
        for route in slow:
            self.stage.node.add_dependency(self._routes[route])

    def route(self, route: Route) -> apigateway.HttpRoute:
        """The route that a row of operations.py became."""
        return self._routes[route]

    @property
    def url(self) -> str:
        """The address of the API, with its prefix."""
        return f"{self._origin}{API_PREFIX}"

    @property
    def app_url(self) -> str:
        """The address of the web app."""
        return f"{self._origin}/app"

    @property
    def _origin(self) -> str:
        own = self._settings.edge.domain if self._settings.edge else self._settings.api_domain
        return f"https://{own}" if own else self.http_api.api_endpoint

    @property
    def docs_url(self) -> str:
        """The address of the page that explains the API."""
        return f"{self.url}/docs"


def _cors(settings: StageSettings) -> apigateway.CorsPreflightOptions | None:
    if not settings.allowed_origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=settings.allowed_origins,
        allow_methods=[apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST, apigateway.CorsHttpMethod.PATCH],
        allow_headers=["authorization", "content-type", "idempotency-key"],
        expose_headers=["idempotency-replayed", "location", "retry-after", "www-authenticate", "x-request-id"],
        max_age=cdk.Duration.hours(1),
    )
