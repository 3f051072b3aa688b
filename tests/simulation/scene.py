"""A world with its wire tapped, in which clients retry, queues redeliver and streams hand over again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.operations import RELAY
from local.invoking.queue_messages import queue_batch
from shared.logs import logger
from tests.scaffolding.world import Delivery, Item, World
from tests.simulation import invariants
from tests.simulation.wire import Crash, Wire

_REDELIVERIES = 8


class StuckError(AssertionError):
    """Something that must come to an end by retries did not."""


class Scene:
    """A world and its wire."""

    def __init__(self, world: World, wire: Wire) -> None:
        self.world = world
        self.wire = wire
        self.violations: list[str] = []
        self._final: dict[str, Item] = {}
        wire.after_write = self._watch

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Do something once; None when it crashed or raised, which to its caller is the same: no answer."""
        try:
            return act()
        except StuckError:
            raise
        except (Crash, Exception):  # noqa: BLE001 - whatever it was, it is tried again
            return None

    def relay(self) -> int:
        """Hand the streams over; what failed is handed over again, from the record that it failed at."""
        return self.world.relay(self._hand_over)

    def deliver(self, delivery: Delivery) -> bool:
        """Deliver a message, and again until its consumer is done with it; True, for then it is."""
        for _ in range(_REDELIVERIES):
            if self.try_delivery(delivery):
                return True
        raise StuckError(f"{delivery.consumer} does not take {delivery.name}")

    def try_delivery(self, delivery: Delivery) -> bool:
        """Deliver a message once; whether its consumer is done with it."""
        answer = self.attempt(lambda: self.world.invoke(delivery.consumer, queue_batch(delivery.body)))
        return bool(answer == {"batchItemFailures": []})

    def settle(self) -> None:
        """Let all events take their way, each delivered twice."""
        while self.relay() or self.world.queued:
            waiting, self.world.queued = self.world.queued, []
            for delivery in waiting:
                self.deliver(delivery)
                self.deliver(delivery)

    def judge(self) -> list[str]:
        """What is violated at rest, and what was violated on the way."""
        with self.wire.quiet():
            return [*self.violations, *invariants.at_rest(self.world)]

    def _hand_over(self, records: list[Item]) -> None:
        for _ in range(_REDELIVERIES):
            batch = records
            answer = self.attempt(lambda: self.world.invoke(RELAY.module, {"Records": batch}))  # noqa: B023
            if answer is None:
                continue
            if not (failures := answer["batchItemFailures"]):
                return
            failed_at = failures[0]["itemIdentifier"]
            places = [record["dynamodb"]["SequenceNumber"] for record in records]
            records = records[places.index(failed_at) :]
        raise StuckError("the relay does not get a batch through")

    def _watch(self) -> None:
        with self.wire.quiet():
            violated = [*invariants.always(self.world), *self._changed_though_final()]
            self.violations += [f"at a moment: {each}" for each in violated]

    def _changed_though_final(self) -> Iterator[str]:
        for order in self.world.rows("orders"):
            if order.get("state") in {"COMPLETED", "CANCELED"} and self._final.setdefault(order["id"], order) != order:
                yield f"a {self._final[order['id']]['state']} order changed"


@contextmanager
def scene() -> Iterator[Scene]:
    """An empty world, its wire tapped. Pauses take no time, and functions log nothing."""
    logger.setLevel("CRITICAL")
    sleep = time.sleep
    time.sleep = lambda _seconds: None
    try:
        with World() as world, Wire().tapped() as wire:
            yield Scene(world, wire)
    finally:
        time.sleep = sleep
