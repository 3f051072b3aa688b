"""The platform: one stack for each stage, put together from its constructs."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import region_info
from constructs import Construct

from infra import operations
from infra.api import Api
from infra.audit import Audit
from infra.functions import Functions
from infra.identity import Identity
from infra.messaging import Messaging
from infra.observability.alarms import Alarms
from infra.observability.budget import add_budget
from infra.observability.dashboard import Dashboard, Watched
from infra.observability.objectives import watch_objectives
from infra.observability.observability import Observability
from infra.operations import Need
from infra.rollout import ROLLS_BACK, Rollout
from infra.settings import StageSettings
from infra.standards.inline_policies import put_policies_into_roles
from infra.standards.partition import PARTITION, WHY_NOT_ELSEWHERE
from infra.tables import Tables


class PlatformStack(cdk.Stack):
    """All five services of one stage. Needs no AWS account to synthesize."""

    def __init__(self, scope: Construct, *, settings: StageSettings) -> None:
        prefix = f"order-billing-{settings.stage}"
        super().__init__(
            scope,
            "Platform",
            stack_name=prefix,
            description=f"Order-and-billing platform, stage {settings.stage}",
            termination_protection=settings.retain_data,
        )
        self.settings = settings
        for hindrance in settings.hindrances:
            cdk.Annotations.of(self).add_error(f"stage {settings.stage!r} in cdk.json: {hindrance}")
        cdk.Tags.of(self).add("platform", "order-billing")
        cdk.Tags.of(self).add("stage", settings.stage)
        self._refuse_other_partitions()

        tables = Tables(self, settings=settings)
        self.tables = tables.by_service
        self.functions = functions = Functions(self, settings=settings, tables=tables.by_service, prefix=prefix)
        self.messaging = messaging = Messaging(self, settings=settings, prefix=prefix)
        told = {
            Need.CURRENCY: settings.currency,
            Need.UNIT_PRICE: str(settings.unit_price_minor),
            Need.EVENT_BUS: messaging.bus.event_bus_name,
        }

        self.api = api = Api(self, settings=settings, prefix=prefix)
        # The pool's triggers are created before the pool, and so can't know it.
        self.identity = identity = Identity(
            self,
            settings=settings,
            prefix=prefix,
            create_profile=functions.entrance(operations.CREATE_PROFILE, told),
            confirm_without_email=(
                None if settings.verify_email else functions.add(operations.CONFIRM_WITHOUT_EMAIL, told)
            ),
            docs_callback=f"{api.docs_url}/oauth2-redirect.html",
            app_url=api.app_url,
        )
        pay_order = functions.entrance(operations.PAY_ORDER, told)
        told |= {
            Need.USER_POOL: identity.user_pool.user_pool_id,
            Need.USER_POOL_CLIENT: identity.client.user_pool_client_id,
            Need.HOSTED_LOGIN: identity.domain.base_url(),
            Need.PAY_ORDER: pay_order.function_name,
        }

        messaging.relay(functions.add(operations.RELAY, told), tables.with_events)
        for consumer in operations.CONSUMERS:
            messaging.consume(consumer, functions.add(consumer.function, told))
        api.open(
            authorizer=functions.entrance(operations.AUTHORIZER, told),
            function_of=lambda function: functions.entrance(function, told),
        )
        functions.by_module["orders.execute_order"].add_to_role_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[pay_order.function_arn])
        )

        self.audit = Audit(self, settings=settings, prefix=prefix, functions=functions, told=told)
        self.audit.follow_changes(tables.by_service, messaging)

        alarms = Alarms(self, settings=settings, prefix=prefix)
        observability = Observability(alarms, settings=settings, prefix=prefix)
        watch_objectives(alarms, api)
        observability.watch_api(api)
        observability.watch_sign_ins(api, identity)
        observability.watch_functions(functions.by_module)
        observability.watch_tables(tables.by_service)
        observability.watch_books(self.audit.machine)
        observability.watch_events()
        observability.watch_streams(
            *(functions.by_module[each.module] for each in (operations.RELAY, operations.NOTE_CHANGES))
        )
        observability.watch_queues(messaging.queues)
        observability.watch_dead_letters(messaging.dead_letter_queues)
        Dashboard(
            self,
            Watched(
                alarms=alarms,
                api=api,
                functions=functions.by_module,
                tables=tables.by_service,
                queues=messaging.queues,
                dead_letter_queues=messaging.dead_letter_queues,
                audit=self.audit.machine,
            ),
            settings=settings,
            prefix=prefix,
        )
        add_budget(self, settings=settings, prefix=prefix)
        self.rollout = self._rollout(alarms, told) if settings.rollout != "all-at-once" else None
        put_policies_into_roles(self)

        self._tell(settings)

    def _tell(self, settings: StageSettings) -> None:
        """The outputs of the stack: its addresses, and the names to look up on AWS."""
        api, identity = self.api, self.identity
        cdk.CfnOutput(self, "AppUrl", value=api.app_url)
        cdk.CfnOutput(self, "ApiUrl", value=api.url)
        if api.domain:
            cdk.CfnOutput(self, "ApiDomainTarget", value=api.domain.regional_domain_name)
        if settings.login_domain:
            cdk.CfnOutput(self, "LoginDomainTarget", value=identity.domain.cloud_front_endpoint)
        cdk.CfnOutput(self, "DocsUrl", value=api.docs_url)
        cdk.CfnOutput(self, "ApiId", value=api.http_api.api_id)
        cdk.CfnOutput(self, "ApiLogGroup", value=api.access_log.log_group_name)
        cdk.CfnOutput(self, "HostedLoginUrl", value=identity.domain.base_url())
        cdk.CfnOutput(self, "ClientId", value=identity.client.user_pool_client_id)
        cdk.CfnOutput(self, "AuditMachine", value=self.audit.machine.state_machine_arn)
        cdk.CfnOutput(self, "UserPoolId", value=identity.user_pool.user_pool_id)
        for service, table in self.tables.items():
            cdk.CfnOutput(self, f"{service.capitalize()}Table", value=table.table_name)

    def _rollout(self, alarms: Alarms, told: Mapping[Need, str]) -> Rollout:
        check_version = self.functions.add(operations.CHECK_VERSION, told)
        return Rollout(
            self,
            settings=self.settings,
            prefix=self.stack_name,
            aliases=self.functions.entrances,
            alarms=[alarms.named(name) for name in ROLLS_BACK],
            check_version=check_version,
        )

    def _refuse_other_partitions(self) -> None:
        """Make CloudFormation reject other partitions before it creates anything: synth knows no region."""
        regions = region_info.RegionInfo.regions
        elsewhere = sorted(region.name for region in regions if region.partition != PARTITION)
        cdk.CfnRule(
            self,
            "Partition",
            assertions=[
                cdk.CfnRuleAssertion(
                    assert_=cdk.Fn.condition_not(cdk.Fn.condition_contains(elsewhere, cdk.Aws.REGION)),
                    assert_description=f"The platform is for the partition {PARTITION}: {WHY_NOT_ELSEWHERE}.",
                )
            ],
        )
