"""Lambda functions: each with its own role, log group and grants, all from its row in operations.py."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import assets
from infra.operations import TABLE_VARIABLES, Function, Need
from infra.settings import StageSettings
from infra.standards.log_groups import new_log_group

_SYSTEM_LEVELS = {False: lambda_.SystemLogLevel.WARN, True: lambda_.SystemLogLevel.DEBUG}
_APPLICATION_LEVELS = {False: lambda_.ApplicationLogLevel.INFO, True: lambda_.ApplicationLogLevel.DEBUG}
"""By whether the stage is debugged. Never above INFO: Lambda treats metrics, which have no level, as INFO."""


class Functions(Construct):
    """Makes the functions of a stage."""

    def __init__(
        self, scope: Construct, *, settings: StageSettings, tables: Mapping[str, dynamodb.ITable], prefix: str
    ) -> None:
        super().__init__(scope, "Functions")
        self._settings = settings
        self._tables = tables
        self._prefix = prefix
        self._architecture = (
            lambda_.Architecture.ARM_64 if settings.architecture == "arm64" else lambda_.Architecture.X86_64
        )
        self._shared = self._layer("Shared", str(assets.shared_layer()))
        self._dependencies = self._dependency_layer("Dependencies", assets.BASE_GROUP)
        self._models = self._dependency_layer("Models", "models")
        self._tokens = self._dependency_layer("Tokens", "tokens")
        self._web = self._layer("Web", str(assets.web_layer()))
        self.by_module: dict[str, lambda_.Function] = {}
        self.roles: dict[str, iam.Role] = {}
        self.logs: dict[str, logs.LogGroup] = {}
        self.entrances: dict[str, lambda_.Alias] = {}
        """The aliases that synchronous callers use, in stages that keep versions."""

    def add(self, function: Function, told: Mapping[Need, str]) -> lambda_.Function:
        """Return `function`, created on first use. `told` holds the values for the needs of its row."""
        if function.module not in self.by_module:
            self.by_module[function.module] = self._function(function, told)
        return self.by_module[function.module]

    def entrance(self, function: Function, told: Mapping[Need, str]) -> lambda_.IFunction:
        """The alias or function that synchronous callers use.

        An alias of a version with SnapStart, which starts from a snapshot, and in stages that roll out in steps.
        """
        made = self.add(function, told)
        if not self._settings.snap_start and self._settings.rollout == "all-at-once":
            return made
        if function.module not in self.entrances:
            self.entrances[function.module] = made.add_alias("live")
        return self.entrances[function.module]

    def _function(self, function: Function, told: Mapping[Need, str]) -> lambda_.Function:
        scope = Construct(self, "".join(word.capitalize() for word in function.name.split("-")))
        name = f"{self._prefix}-{function.name}"
        self.logs[function.module] = log_group = new_log_group(scope, function.module, self._settings)
        role = iam.Role(
            scope,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {function.module} may do",
        )
        self.roles[function.module] = role
        log_group.grant_write(role)
        environment = {
            "POWERTOOLS_SERVICE_NAME": function.service,
            "POWERTOOLS_METRICS_NAMESPACE": self._prefix,
            "POWERTOOLS_LOG_LEVEL": self._settings.log_level,
            **{need.value: told[need] for need in function.needs},
        }
        if function.uses_models:
            environment["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # else it searches all packages for plugins
        if function.table:
            actions = (*function.table, *function.formerly)
            environment |= self._grant_table(function.service, actions, role, index=function.index)
        for service, actions in function.audits:
            environment |= self._grant_table(service, actions, role)
        if function.cognito:
            self._grant_user_pool(function, role, told[Need.USER_POOL])
        debugged = self._settings.log_level == "DEBUG"
        layers = [self._shared, self._dependencies]
        layers += [self._models] if function.uses_models else []
        layers += [self._tokens] if function.verifies_tokens else []
        layers += [self._web] if function.serves_pages else []
        return lambda_.Function(
            scope,
            "Function",
            function_name=name,
            description=function.module,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=self._architecture,
            handler=f"{function.module}.handler",
            code=lambda_.Code.from_asset(str(assets.service_code(function.service))),
            layers=layers,
            role=role,
            environment=environment,
            memory_size=self._settings.memory_mb,
            timeout=cdk.Duration.seconds(function.timeout_seconds),
            log_group=log_group,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if self._settings.snap_start else None,
            tracing=lambda_.Tracing.ACTIVE if self._settings.tracing == "active" else None,
            # Lambda's own lines on each start and end would be half of all that is logged and billed.
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=_SYSTEM_LEVELS[debugged],
            application_log_level_v2=_APPLICATION_LEVELS[debugged],
        )

    def _grant_table(
        self, service: str, actions: tuple[str, ...], role: iam.Role, *, index: str | None = None
    ) -> dict[str, str]:
        """Allow `actions` on a service's table, and return the environment variable that names it."""
        table = self._tables[service]
        resources = [table.table_arn, *([f"{table.table_arn}/index/{index}"] if index else [])]
        role.add_to_policy(
            iam.PolicyStatement(actions=[f"dynamodb:{action}" for action in actions], resources=resources)
        )
        return {TABLE_VARIABLES[service]: table.table_name}

    def _grant_user_pool(self, function: Function, role: iam.Role, user_pool_id: str) -> None:
        actions = [f"cognito-idp:{action}" for action in function.cognito]
        arn = cdk.Stack.of(self).format_arn(service="cognito-idp", resource="userpool", resource_name=user_pool_id)
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[arn]))

    def _dependency_layer(self, name: str, group: str) -> lambda_.LayerVersion:
        return self._layer(name, str(assets.dependency_layer(group, self._settings.architecture)))

    def _layer(self, name: str, folder: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=lambda_.Code.from_asset(folder),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[self._architecture],
        )
