"""The edge of a stage that asks for one: CloudFront and AWS WAF in front of the API.

A separate stack, since WAF for CloudFront exists only in us-east-1, wherever the stage is. It knows the API only by
name (`apiDomain`), so that neither stack waits for the other.
"""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

from infra.edge.web_acl import web_acl
from infra.settings import EdgeSettings, StageSettings
from infra.standards.partition import CLOUDFRONT_REGION
from infra.topics import new_alarm_topic

DAYS_TO_RENEW = 30
_LONGER_THAN_THE_API = cdk.Duration.seconds(35)
"""API Gateway waits 30 seconds for a function; CloudFront must not time out first."""


class EdgeStack(cdk.Stack):
    """The edge of a stage whose settings have one."""

    def __init__(self, scope: Construct, *, settings: StageSettings, edge: EdgeSettings) -> None:
        prefix = f"order-billing-{settings.stage}-edge"
        super().__init__(
            scope,
            "Edge",
            stack_name=prefix,
            description=f"CloudFront and WAF in front of the order-and-billing platform, stage {settings.stage}",
            env=cdk.Environment(region=CLOUDFRONT_REGION),
            termination_protection=settings.retain_data,
        )
        if settings.api_domain is None:
            raise ValueError("an edge needs an apiDomain")
        cdk.Tags.of(self).add("platform", "order-billing")
        cdk.Tags.of(self).add("stage", settings.stage)

        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=prefix,
            domain_names=[edge.domain],
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", edge.certificate),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            # A client of IPv6 has a new address for every request; over IPv4 it has one, or its network's.
            enable_ipv6=False,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=web_acl(self, edge, prefix=prefix).attr_arn,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(
                    settings.api_domain,
                    protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                    origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                    read_timeout=_LONGER_THAN_THE_API,
                ),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                # Host must be the API's own name; the API does not know the viewer's.
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            ),
        )
        # HttpOrigin does not support it yet.
        resource = cast("cloudfront.CfnDistribution", self.distribution.node.default_child)
        resource.add_property_override(
            "DistributionConfig.Origins.0.CustomOriginConfig.OriginMtlsConfig.ClientCertificateArn",
            edge.client_certificate,
        )
        self._watch_expiry(edge.client_certificate, settings.alarm_email, prefix)
        cdk.CfnOutput(self, "EdgeTarget", value=self.distribution.distribution_domain_name)

    def _watch_expiry(self, certificate: str, email: str, prefix: str) -> None:
        """Alarm while there is time to import the next one: ACM does not renew imported certificates."""
        days = cloudwatch.Metric(
            namespace="AWS/CertificateManager",
            metric_name="DaysToExpiry",
            dimensions_map={"CertificateArn": certificate},
            statistic="min",
            period=cdk.Duration.days(1),
        )
        alarm = days.create_alarm(
            self,
            "Expiry",
            alarm_name=f"{prefix}-certificate-expires",
            alarm_description="The API takes no request once CloudFront's client certificate has expired."
            " See the runbook: docs/runbook.md",
            threshold=DAYS_TO_RENEW,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if topic := new_alarm_topic(self, f"{prefix}-alarms", email):
            alarm.add_alarm_action(actions.SnsAction(topic))
