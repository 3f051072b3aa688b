"""Every table: protected as its stage requires, with the stream and the expiry of its shape."""

import json

from infra.operations import RELAY
from infra.tables import TABLES, TableShape
from shared.outbox import OUTBOX_ATTRIBUTE
from tests.infra.every import every_stage, every_table, every_table_with_events
from tests.infra.stages import STAGES, Properties, Stage
from tests.scaffolding.template import referred


def _properties(stage: Stage, table: TableShape) -> Properties:
    return stage.all("AWS::DynamoDB::Table")[stage.table(table.service)]


@every_stage
def test_a_stage_has_one_table_for_each_shape(stage: Stage) -> None:
    assert sorted(stage.all("AWS::DynamoDB::Table")) == sorted(stage.table(table.service) for table in TABLES)


@every_table
def test_a_table_has_the_keys_of_its_shape(stage: Stage, table: TableShape) -> None:
    properties = _properties(stage, table)
    keys = {key["KeyType"]: key["AttributeName"] for key in properties["KeySchema"]}
    assert keys == {"HASH": table.partition_key} | ({"RANGE": table.sort_key} if table.sort_key else {})
    indexes = {
        index["IndexName"]: {key["KeyType"]: key["AttributeName"] for key in index["KeySchema"]}
        for index in properties.get("LocalSecondaryIndexes", [])
    }
    assert indexes == ({table.index[0]: {"HASH": table.partition_key, "RANGE": table.index[1]}} if table.index else {})
    assert "GlobalSecondaryIndexes" not in properties


@every_table
def test_a_table_is_paid_for_by_request(stage: Stage, table: TableShape) -> None:
    properties = _properties(stage, table)
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in properties


@every_table
def test_a_table_can_be_restored_to_any_second(stage: Stage, table: TableShape) -> None:
    assert _properties(stage, table)["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@every_table
def test_a_table_is_encrypted_with_the_key_that_dynamodb_owns(stage: Stage, table: TableShape) -> None:
    """The default, for which no role needs a grant; a key of our own would need one in every row."""
    assert "SSESpecification" not in _properties(stage, table)


@every_table
def test_a_table_outlives_its_stack_where_the_stage_retains_data(stage: Stage, table: TableShape) -> None:
    retain = stage.settings.retain_data
    assert _properties(stage, table)["DeletionProtectionEnabled"] is retain
    assert stage.deletion_policies(stage.table(table.service)) == stage.outliving


def test_production_retains_data_and_the_others_do_not() -> None:
    assert {stage.name: stage.settings.retain_data for stage in STAGES} == {"dev": False, "prod": True, "local": False}


@every_table
def test_a_table_has_no_name_of_its_own_so_that_it_can_be_replaced(stage: Stage, table: TableShape) -> None:
    assert "TableName" not in _properties(stage, table)


@every_table
def test_a_table_has_a_stream_exactly_where_its_items_carry_events(stage: Stage, table: TableShape) -> None:
    stream = _properties(stage, table).get("StreamSpecification")
    assert stream == ({"StreamViewType": "NEW_IMAGE"} if table.has_events else None)


@every_table
def test_items_expire_exactly_where_the_shape_says(stage: Stage, table: TableShape) -> None:
    expiry = _properties(stage, table).get("TimeToLiveSpecification")
    assert expiry == ({"AttributeName": "expiresAt", "Enabled": True} if table.expires else None)


@every_stage
def test_the_relay_reads_the_streams_of_tables_with_events_and_no_others(stage: Stage) -> None:
    read = [referred(source["EventSourceArn"]) for source in stage.sources(RELAY.module)]
    assert sorted(read) == sorted(stage.table(table.service) for table in TABLES if table.has_events)


def _source(stage: Stage, table: TableShape) -> Properties:
    logical_id = stage.table(table.service)
    [source] = [each for each in stage.sources(RELAY.module) if referred(each["EventSourceArn"]) == logical_id]
    return source


@every_table_with_events
def test_the_relay_is_started_only_by_items_that_carry_an_event(stage: Stage, table: TableShape) -> None:
    [wanted] = _source(stage, table)["FilterCriteria"]["Filters"]
    assert json.loads(wanted["Pattern"]) == {"dynamodb": {"NewImage": {OUTBOX_ATTRIBUTE: {"S": [{"exists": True}]}}}}


@every_table_with_events
def test_no_event_is_lost_in_a_stream(stage: Stage, table: TableShape) -> None:
    source = _source(stage, table)
    assert source["StartingPosition"] == "TRIM_HORIZON"
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRetryAttempts"] == -1
    assert 12 * 3600 <= source["MaximumRecordAgeInSeconds"] < 24 * 3600
    queue, _ = stage.queue(f"relay-{table.service}-dead-letters")
    assert referred(source["DestinationConfig"]["OnFailure"]["Destination"]) == queue


@every_table_with_events
def test_events_of_one_item_stay_in_order(stage: Stage, table: TableShape) -> None:
    source = _source(stage, table)
    assert source.get("ParallelizationFactor", 1) == 1
    assert source.get("Enabled", True) is True
