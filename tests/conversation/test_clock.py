"""The service's clock, where somebody sets the machine's."""

from dataclasses import dataclass, field

from conversation.clock import BACK_MAX_S, SteadyClock

START_S = 1_790_000_000.0


@dataclass
class Machine:
    """A machine whose clock can be set."""

    wall_s: float = START_S
    steady_s: float = 50.0
    clock: SteadyClock = field(init=False)

    def __post_init__(self) -> None:
        """Give it a clock."""
        self.clock = SteadyClock(wall=lambda: self.wall_s, monotonic=lambda: self.steady_s)

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.wall_s += seconds
        self.steady_s += seconds

    def told(self) -> float:
        """Say what its clock says, in seconds since it began."""
        return self.clock.now().timestamp() - START_S


def test_it_tells_the_machines_time() -> None:
    """Nobody sets anything."""
    machine = Machine()
    for _ in range(3):
        machine.passes(60)
    assert machine.told() == 180


def test_f17_set_ahead_it_is_followed() -> None:
    """What is due by then is due now."""
    machine = Machine()
    machine.wall_s += 200
    assert machine.told() == 200
    machine.passes(1)
    assert machine.told() == 201


def test_f17_set_back_it_goes_on_and_is_caught_up_with() -> None:
    """What was due a moment ago is due still; after twice as long both say the same."""
    machine = Machine()
    machine.passes(10)
    assert machine.told() == 10
    machine.wall_s -= 200
    told = []
    for _ in range(5):
        told.append(machine.told())
        machine.passes(100)
    assert told == [10, 60, 110, 160, 210]
    machine.passes(100)
    assert machine.told() == machine.wall_s - START_S == 410


def test_f17_set_back_by_far_it_was_wrong_before() -> None:
    """A year ahead by mistake is no time to go on from."""
    machine = Machine()
    machine.wall_s -= BACK_MAX_S + 1
    assert machine.told() == -BACK_MAX_S - 1
