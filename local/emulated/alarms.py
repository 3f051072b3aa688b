"""Alarms on several metrics, and on other alarms: the emulator's CloudWatch has both, its CloudFormation neither.

Their metrics are stored and described as requested. Metric math is not evaluated here, so those have no state;
tests/infra/alarms evaluates them.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

type Record = Callable[[str, dict[str, Any]], dict[str, Any]]

_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def install() -> None:
    """Support them in templates."""
    provisioners._cw_metric_alarm_record = _with_several_metrics(provisioners._cw_metric_alarm_record)
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::CompositeAlarm"] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
    }


def _with_several_metrics(record: Record) -> Record:
    def handle(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        metrics = properties.get("Metrics")
        if not metrics:
            return record(name, properties)
        stand_in = {"MetricName": "-", "Namespace": "-"}
        others = {key: value for key, value in properties.items() if key != "Metrics"}
        alarm = record(name, others | stand_in)
        return {key: value for key, value in alarm.items() if key not in _OF_ONE_METRIC} | {"Metrics": metrics}

    return handle


def _create(_logical_id: str, properties: dict[str, Any], _stack_name: str) -> tuple[str, dict[str, str]]:
    name = properties["AlarmName"]
    status, _, body = cloudwatch._put_composite_alarm({}, properties, is_cbor=False, is_json=True)
    if status >= 400:
        raise ValueError(f"PutCompositeAlarm: {body!r}")
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _update(_physical_id: str, _old: object, new: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    return _create("", new, stack_name)


def _delete(physical_id: str, _properties: object) -> None:
    cloudwatch._composite_alarms.pop(physical_id, None)
