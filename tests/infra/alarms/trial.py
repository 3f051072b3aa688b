"""Tries an alarm on a healthy hour with a blip, and on its fault."""

from tests.infra.alarms.cloudwatch import Metric, Samples
from tests.infra.alarms.faults import FAULTS, Fault, row_of
from tests.infra.alarms.watch import Watch

HOUR = 60


def rings_when_healthy(watch: Watch) -> bool:
    """Whether it rings in an hour in which nothing happens."""
    hour = range(watch.minutes_seen, watch.minutes_seen + HOUR)
    return any(watch.rings(_healthy(watch, hour.stop), hour))


def rings_on_a_blip(watch: Watch) -> set[bool]:
    """Whether it rings within the hour in which one minute is a blip: for each of its metrics, alone."""
    hour = range(watch.minutes_seen, watch.minutes_seen + HOUR)
    seen = set()
    for metric in _tried(watch):
        samples = _healthy(watch, hour.stop)
        samples.publish(metric, hour[10], _fault(watch).blip)
        seen.add(any(watch.rings(samples, hour)))
    return seen


def rings_after(watch: Watch) -> set[int | None]:
    """In which minute of its fault it rings, None for not in time: for each of its metrics, alone."""
    fault = _fault(watch)
    minutes = range(watch.minutes_seen, watch.minutes_seen + fault.within)
    seen = set()
    for metric in _tried(watch):
        samples = _healthy(watch, minutes.stop)
        for minute in minutes:
            samples.publish(metric, minute, fault.fault)
        seen.add(watch.first_ring(samples, minutes))
    return seen


def _fault(watch: Watch) -> Fault:
    return FAULTS[row_of(watch.name)]


def _tried(watch: Watch) -> list[Metric]:
    return [metric for metric in watch.metrics if metric.name not in _fault(watch).beside]


def _healthy(watch: Watch, minutes: int) -> Samples:
    fault, samples = _fault(watch), Samples()
    for metric in watch.metrics:
        for minute in range(minutes):
            samples.publish(metric, minute, fault.beside.get(metric.name, fault.healthy))
    return samples
