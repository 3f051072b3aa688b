"""`make simulate`: random histories of several users, with races, lost answers, and events late, twice and astray.

A history is a list of steps, each with a seed of its own: the same steps make the same history, and any of them can be
left out, so that a failing history can be made small.
"""

import argparse
import io
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from infra.operations import TABLE_VARIABLES
from tests.integration import factories
from tests.scaffolding.releases import TODAY, Code, latest
from tests.scaffolding.world import Answer, Delivery, User
from tests.simulation import promises
from tests.simulation.crash_matrix import is_told_to_retry
from tests.simulation.promises import EFFECTS, Request, Told
from tests.simulation.scene import Scene, StuckError, scene
from tests.simulation.wire import Fault

STEPS = 44
USERS = tuple(User(profile_id=f"01990000-0000-7000-8000-00000000000{n}", login=f"user{n}") for n in range(3))
FAULT_RATE = 0.3
TORN_READS = 0.4
"""How many of the interruptions come while several items are read, between one of them and the next."""
TWINS = 0.5
"""How many of the interruptions of a request are by the same request."""
NESTING = 2
"""How many operations may be in the middle of each other."""

_LIKELY = {
    "request": 22,
    "retry": 6,
    "relay": 8,
    "relay, bus refuses some": 4,
    "deliver": 12,
    "deliver again": 4,
    "drop to the dead letters": 3,
    "redrive": 2,
    "clock jumps": 2,
}
_ROUNDS = 5
_SENT_TWICE = 0.1
_REPEATED = 0.2
"""How many of the events that had their effect are sent again at once, since the answer got lost."""


@dataclass(slots=True)
class History:
    """A history as it is played."""

    stage: Scene
    orders: list[tuple[User, str]] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    said: Callable[[Answer], str] = promises.said
    violations: list[str] = field(default_factory=list)
    dead_letters: list[Delivery] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    clock: float = 0.0
    depth: int = 0

    def mix_releases(self, dice: random.Random) -> None:
        """Have each invocation be of today's code or of the last release's, as while a new version comes in steps."""
        self.said = promises.said_by_both_releases
        old = Code.of_release(latest())

        def either(module: str) -> Code:
            code = dice.choice((old, TODAY)) if old.has(module) else TODAY
            self.faults[f"code of {latest()}" if code is old else "code of today"] += 1
            return code

        self.stage.world.code_of = either

    def step(self, seed: int) -> None:
        """Play the step that this seed stands for."""
        dice = random.Random(seed)  # noqa: S311 - a simulation's dice
        kind = dice.choices(list(_LIKELY), list(_LIKELY.values()))[0]
        self.done.append(kind)
        match kind:
            case "request":
                self._request(dice, self._new_request(dice))
            case "retry" if self.unanswered:
                self._request(dice, self.unanswered.pop(dice.randrange(len(self.unanswered))))
            case "relay":
                self._disturbed(dice, self.stage.relay)
            case "relay, bus refuses some":
                self._relay_to_a_busy_bus(dice)
            case "deliver" | "deliver again" | "drop to the dead letters" if self.stage.world.queued:
                self._deliver(dice, kind)
            case "redrive":
                self.stage.world.queued += self.dead_letters
                self.dead_letters = []
            case "clock jumps":
                self.clock += dice.choice([-2.0, 0.5, 60.0, 3600.0, 86_400.0])
                self.faults["clock jump"] += 1

    def end(self) -> None:
        """Clients come back until they have an answer, dead letters are redriven, and everything settles."""
        self.stage.wire.before_call, self.stage.wire.within_read = _undisturbed, _undisturbed
        for _ in range(_ROUNDS):
            # An edit waits for another client's payment to come to its end: they take turns.
            waiting = self.unanswered
            self.unanswered = [each for each in waiting if not self._is_answered(each, self.stage.attempt(each.ask))]
        if self.unanswered:
            raise StuckError(f"{self.unanswered[0].kind} does not come to an end by retries")
        self.stage.world.queued += self.dead_letters
        self.stage.settle()

    def judge(self) -> list[str]:
        """What is violated, and what was promised to clients and not kept."""
        with self.stage.wire.quiet():
            found = [*self.violations, *self.stage.judge(), *promises.broken(self.stage.world, self.told, self.said)]
            return [*found, *self._changed_by_republishing()]

    def _changed_by_republishing(self) -> Iterator[str]:
        """Consumers bear every event there is, once more."""
        before = {service: self.stage.world.rows(service) for service in TABLE_VARIABLES}
        self.stage.world.republish()
        self.stage.settle()
        for service, rows in before.items():
            if self.stage.world.rows(service) != rows:
                yield f"republishing changed rows of {service}"

    def _new_request(self, dice: random.Random) -> Request:
        world, user = self.stage.world, dice.choice(USERS)
        key = f"key-{dice.getrandbits(64):x}"
        kind = dice.choices(["DEPOSIT", "WITHDRAWAL", "CREATE_ORDER", "execute"], [3, 3, 3, 9])[0]
        # Withdrawals large enough that a second one is often too much.
        amount = dice.choice([20, 30, 40] if kind == "WITHDRAWAL" else [1, 5, 10, 20, 50])
        self.done[-1] += f" {user.login} {kind}"
        if kind == "execute" and self.orders:
            owner, order_id = dice.choice(self.orders[-6:])
            event = dice.choices(["EDIT", "CONFIRM", "CANCEL", "COMPLETE"], [2, 6, 3, 2])[0]
            fields = {"productQuantity": dice.randint(1, 4)} if event == "EDIT" else {}
            self.done[-1] += f" {event} {self.orders.index((owner, order_id))}"
            return Request(event, owner, order_id, partial(factories.execute, world, owner, order_id, event, **fields))
        if kind == "DEPOSIT":
            return Request(kind, user, key, partial(factories.deposit, world, user, amount, key))
        if kind == "WITHDRAWAL":
            return Request(kind, user, key, partial(factories.withdraw, world, user, amount, key))
        return Request("CREATE_ORDER", user, key, partial(self._create, user, dice.choice([None, 1, 2, 3]), key))

    def _create(self, user: User, quantity: int | None, key: str) -> Answer:
        answer = factories.create_order(self.stage.world, user, quantity, key)
        if answer.status == 201 and (user, answer.json["id"]) not in self.orders:
            self.orders.append((user, answer.json["id"]))
        return answer

    def _request(self, dice: random.Random, request: Request) -> None:
        """Ask; a client without an answer comes back later, and some that have one do too."""
        if dice.random() < _SENT_TWICE:
            self.unanswered.append(request)
        answer = self._disturbed(dice, request.ask, request)
        if not self._is_answered(request, answer):
            self.unanswered.append(request)
        elif dice.random() < _REPEATED and answer.json.get("state") == EFFECTS.get(request.kind, "none"):
            self._repeat(request, answer)

    def _repeat(self, request: Request, answer: Answer) -> None:
        """Ask again for what is done: the same answer, and nothing written."""
        self.done.append(f"the same again: {request.user.login} {request.kind}")
        self.faults["answer lost, asked again"] += 1
        with self.stage.wire.quiet():
            rows = self.stage.world.rows("orders")
            again = request.ask()
            if again.status != HTTPStatus.OK or self.said(again) != self.said(answer):
                self.violations.append(f"a repeated {request.kind} was told {again.status}: {again.text}")
            if self.stage.world.rows("orders") != rows:
                self.violations.append(f"a repeated {request.kind} changed a row")

    def _is_answered(self, request: Request, answer: Answer | None) -> bool:
        if answer is None or is_told_to_retry(answer):
            return False
        self.told.append(Told(request, answer))
        return True

    def _deliver(self, dice: random.Random, kind: str) -> None:
        queued = self.stage.world.queued
        delivery = queued[dice.randrange(len(queued))]
        self.done[-1] += f" {delivery.name} to {delivery.consumer}"
        if kind == "drop to the dead letters":
            queued.remove(delivery)
            self.dead_letters.append(delivery)
            self.faults["dead letter"] += 1
        elif self._disturbed(dice, partial(self.stage.try_delivery, delivery)) and kind == "deliver":
            if delivery in queued:
                queued.remove(delivery)
        else:
            self.faults["redelivery"] += 1

    def _relay_to_a_busy_bus(self, dice: random.Random) -> None:
        refusals = [dice.random() < 0.4 for _ in range(200)]
        self.stage.world.bus_refuses = lambda _entry: bool(refusals) and refusals.pop()
        self.faults["bus refuses some"] += 1
        self._disturbed(dice, self.stage.relay)
        self.stage.world.bus_refuses = lambda _entry: False

    def _disturbed(self, dice: random.Random, act: Callable[[], Any], twin: Request | None = None) -> Any:
        """Do something, perhaps with a fault at one of its calls, perhaps with something else in its middle.

        What comes in the middle of a request is often its `twin`: the same once more.
        """
        wire = self.stage.wire
        outer = (wire.calls, wire.fault, wire.before_call, wire.within_read)
        wire.calls, wire.fault = [], None
        if dice.random() < FAULT_RATE:
            wire.fault = (dice.randrange(6), dice.choice(list(Fault)))
            self.faults[wire.fault[1].value] += 1
        wire.before_call, wire.within_read = _undisturbed, _undisturbed
        if self.depth < NESTING and dice.random() < FAULT_RATE:
            seed = dice.getrandbits(48)
            other = partial(self._again, twin, seed) if twin and dice.random() < TWINS else partial(self.step, seed)
            if dice.random() < TORN_READS:
                wire.read_early = dice.randrange(2)
                wire.within_read = partial(self._meanwhile, dice.choice([0, 0, 2]), other, "in the middle of a read")
            else:
                wire.before_call = partial(self._meanwhile, dice.randrange(5), other, "in the middle of another")
        try:
            return self.stage.attempt(act)
        finally:
            wire.calls, wire.fault, wire.before_call, wire.within_read = outer

    def _again(self, request: Request, seed: int) -> None:
        self.done.append(f"the same at once: {request.user.login} {request.kind}")
        self._request(random.Random(seed), request)  # noqa: S311 - a simulation's dice

    def _meanwhile(self, between: int, other: Callable[[], None], fault: str, place: int) -> bool:
        if place != between:
            return False
        self.faults[fault] += 1
        self.depth += 1
        try:
            other()
        finally:
            self.depth -= 1
        return True


def _undisturbed(_place: int) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a history."""

    seed: int
    violations: list[str]
    steps: list[str]
    faults: Counter[str]


def steps_of(seed: int, number: int = STEPS) -> list[int]:
    """The seeds of a history's steps."""
    dice = random.Random(seed)  # noqa: S311 - a simulation's dice
    return [dice.getrandbits(48) for _ in range(number)]


def play(seed: int, steps: list[int], *, mixed: bool = False) -> Outcome:
    """Play a history to its end, and judge it. `mixed`: half of the invocations are of the last release's functions."""
    with _silence(), scene() as stage:
        history = History(stage)
        if mixed:
            history.mix_releases(random.Random(seed))  # noqa: S311 - a simulation's dice
        with _clock_of(history):
            try:
                for user in USERS:
                    factories.with_profile(stage.world, user)
                    factories.deposit(stage.world, user, 40, "first")
                for step in steps:
                    history.step(step)
                history.end()
                violations = history.judge()
            except StuckError as stuck:
                violations = [str(stuck)]
    return Outcome(seed, violations, history.done, history.faults)


def play_seed(seed: int, *, mixed: bool = False) -> Outcome:
    """The history of a seed."""
    return play(seed, steps_of(seed), mixed=mixed)


def smallest(seed: int, attempts: int = 300, *, mixed: bool = False) -> Outcome:
    """The history of a failing seed with as many steps left out as still makes it fail."""
    steps, outcome = steps_of(seed), play_seed(seed, mixed=mixed)
    size = len(steps) // 2
    while size and attempts:
        for start in range(0, len(steps), size):
            fewer = steps[:start] + steps[start + size :]
            attempts -= 1
            if attempts and (tried := play(seed, fewer, mixed=mixed)).violations:
                steps, outcome = fewer, tried
                break
        else:
            size //= 2
    return outcome


@contextmanager
def _clock_of(history: History) -> Any:
    """The world's clock, which jumps when the history says so."""
    real = time.time
    time.time = lambda: real() + history.clock
    try:
        yield
    finally:
        time.time = real


@contextmanager
def _silence() -> Iterator[None]:
    """Have no version's log lines and metrics be printed."""
    logging.disable()
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)


def main() -> None:
    """Play histories; the exit code is not 0 on any violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--base", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--mixed", action="store_true", help="with half of the functions from the last release")
    parser.add_argument("--first", action="store_true", help="end at the first violation")
    arguments = parser.parse_args()
    started = time.perf_counter()
    seeds = range(arguments.base, arguments.base + arguments.seeds)
    print(f"simulate: base seed {arguments.base}", flush=True)
    with ProcessPoolExecutor() as pool:
        outcomes = []
        for outcome in pool.map(partial(play_seed, mixed=arguments.mixed), seeds, chunksize=2):
            outcomes.append(outcome)
            if arguments.first and outcome.violations:
                pool.shutdown(cancel_futures=True)
                sys.exit(f"seed {outcome.seed}: {outcome.violations[:3]}")
    failed = [outcome for outcome in outcomes if outcome.violations]
    for outcome in failed[:3]:
        small = smallest(outcome.seed, mixed=arguments.mixed)
        print(f"VIOLATION seed {outcome.seed}: {small.violations[:3]}; a small history of it:")
        for number, step in enumerate(small.steps, start=1):
            print(f"  {number:3} {step}")
    faults: Counter[str] = sum((outcome.faults for outcome in outcomes), Counter())
    for fault, count in sorted(faults.items()):
        print(f"  {fault:26} {count:6}")
    print(
        f"simulate: {len(outcomes)} histories, {sum(len(outcome.steps) for outcome in outcomes)} steps, "
        f"{sum(faults.values())} faults in {time.perf_counter() - started:.0f} s, violations {len(failed)}"
        + (f" (seeds {', '.join(str(outcome.seed) for outcome in failed[:20])})" if failed else "")
    )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
