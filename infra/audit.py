"""Both audits of the books: of every change, a quarter of an hour later; and of the whole books, by a state machine.

docs/decisions/0027 gives the reasons for this design.
"""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra import operations
from infra.event_sources import feed_from_queue, feed_from_stream
from infra.functions import Functions
from infra.messaging import Messaging
from infra.operations import Need
from infra.settings import StageSettings
from infra.standards.log_groups import new_log_group
from reconciliation.rules import SETTLING_SECONDS

_ROWS_OF_THE_BOOKS = {"billing": ("ACCOUNT", "ENTRY#", "PAYMENT"), "orders": ("ORDER#",)}
"""The beginnings of the sort keys of the rows that the rules check."""

_DELIVERS_LOGS = [
    f"logs:{action}"
    for action in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
]
"""Step Functions needs these for its logs. https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"""

_TRACES = [
    f"xray:{action}" for action in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
]
"""And these for its traces. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html"""


class Audit(Construct):
    """Both audits of a stage."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        prefix: str,
        functions: Functions,
        told: Mapping[Need, str],
    ) -> None:
        super().__init__(scope, "Audit")
        self._settings = settings
        self._prefix = prefix
        self._functions = {each.module: functions.add(each, told) for each in operations.AUDIT}
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description="What the audit's state machine may do",
        )
        self.logs = new_log_group(self, "audit", settings)
        self.machine = self._machine()
        self._schedule()

    def follow_changes(self, tables: Mapping[str, dynamodb.Table], messaging: Messaging) -> None:
        """Check the rows that change in the books' `tables`, as their streams report them."""
        note, check = (self._functions[each.module] for each in (operations.NOTE_CHANGES, operations.CHECK_CHANGES))
        queue = messaging.queue(
            operations.CHECK_CHANGES.name,
            timeout=cdk.Duration.seconds(operations.CHECK_CHANGES.timeout_seconds * 6),
            delay=cdk.Duration.seconds(SETTLING_SECONDS),  # the longest delay of SQS
        )
        note.add_environment("CHANGES_QUEUE", queue.queue_url)
        note.add_to_role_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn]))
        for service, beginnings in _ROWS_OF_THE_BOOKS.items():
            feed_from_stream(
                note,
                tables[service],
                messaging.dead_letter_queue(f"changes-{service}"),
                only={"dynamodb": {"Keys": {"sk": {"S": [{"prefix": beginning} for beginning in beginnings]}}}},
                window=cdk.Duration.minutes(1),
            )
        feed_from_queue(check, queue)

    def _machine(self) -> sfn.StateMachine:
        name = f"{self._prefix}-audit"
        arn = cdk.Stack.of(self).format_arn(
            service="states", resource="stateMachine", resource_name=name, arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME
        )
        called = [operations.PLAN_AUDIT, operations.AUDIT_PART, operations.REPORT_AUDIT]
        plan, audit_part, report = (self._functions[each.module] for each in called)
        plan.add_to_role_policy(iam.PolicyStatement(actions=["states:ListExecutions"], resources=[arn]))
        machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            comment="Audits the whole books",
            # The constructs would grant more: every version of the functions.
            role=self.role.without_policy_updates(),
            definition_body=sfn.DefinitionBody.from_chainable(self._steps(plan, audit_part, report)),
            # What the steps find is in the functions' own logs.
            logs=sfn.LogOptions(destination=self.logs, level=sfn.LogLevel.ALL, include_execution_data=False),
            tracing_enabled=True,
        )
        for actions, resources in (
            (["lambda:InvokeFunction"], [each.function_arn for each in (plan, audit_part, report)]),
            (_DELIVERS_LOGS, ["*"]),
            (_TRACES, ["*"]),
        ):
            self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        machine.node.add_dependency(self.role)
        return machine

    def _steps(self, plan: lambda_.Function, audit_part: lambda_.Function, report: lambda_.Function) -> sfn.Chain:
        planning = self._step(
            "Plan",
            plan,
            {
                "wishes": sfn.JsonPath.object_at("$"),
                "stateMachine": sfn.JsonPath.string_at("$$.StateMachine.Id"),
                "execution": sfn.JsonPath.string_at("$$.Execution.Id"),
                "startedAt": sfn.JsonPath.string_at("$$.Execution.StartTime"),
                "workers": self._settings.reconcile_workers,
            },
            never_again="AnotherAuditError",
        )
        planning.add_catch(sfn.Succeed(self, "Another audit runs"), errors=["AnotherAuditError"])
        step = self._step("Audit a part", audit_part)
        to_its_end = step.next(
            sfn.Choice(self, "At its end?")
            .when(
                sfn.Condition.boolean_equals("$.part.complete", value=True),
                sfn.Pass(self, "Its findings", output_path="$.part"),
            )
            .otherwise(step)
        )
        each = sfn.Map(
            self,
            "Each part",
            items_path="$.parts",
            item_selector={
                "run": sfn.JsonPath.object_at("$.run"),
                "part": sfn.JsonPath.object_at("$$.Map.Item.Value"),
            },
            max_concurrency=self._settings.reconcile_workers,
            result_path="$.parts",
        ).item_processor(to_its_end)
        return planning.next(each).next(self._step("Report", report))

    def _step(
        self,
        name: str,
        function: lambda_.Function,
        payload: Mapping[str, object] | None = None,
        *,
        never_again: str | None = None,
    ) -> tasks.LambdaInvoke:
        """A call of `function`, retried for some minutes: steps are idempotent."""
        step = tasks.LambdaInvoke(
            self,
            name,
            lambda_function=function,
            payload=sfn.TaskInput.from_object(payload) if payload else None,
            payload_response_only=True,
            retry_on_service_exceptions=False,
        )
        if never_again:
            step.add_retry(errors=[never_again], max_attempts=0)
        step.add_retry(
            errors=[sfn.Errors.ALL],
            interval=cdk.Duration.seconds(2),
            backoff_rate=2,
            max_delay=cdk.Duration.minutes(1),
            max_attempts=12,
            jitter_strategy=sfn.JitterType.FULL,
        )
        return step

    def _schedule(self) -> None:
        starts = iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
            description="Starts the audit of the whole books",
        )
        events.Rule(
            self,
            "Schedule",
            rule_name=f"{self._prefix}-reconciliation",
            description="When the whole books are audited",
            schedule=events.Schedule.rate(cdk.Duration.hours(self._settings.reconcile_hours)),
            targets=[
                targets.SfnStateMachine(
                    self.machine, input=events.RuleTargetInput.from_object({}), role=starts, retry_attempts=2
                )
            ],
        )
