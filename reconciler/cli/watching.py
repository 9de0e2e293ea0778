"""What ``drift`` does: load the manifests and the state, look, and remember."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.live import LiveOptions
from reconciler.model.address import Address
from reconciler.model.effective_choice import Ask, EffectiveChoice

if TYPE_CHECKING:
    from reconciler.drifting import Watch
    from reconciler.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options, as given; ``max_age`` is in seconds."""

    files: tuple[Path, ...]
    targets: tuple[Address, ...]
    choice: EffectiveChoice | None
    state: Path | None
    max_age: int
    full: bool


async def watch_for_drift(asked: Asked, options: LiveOptions) -> "Plan":
    """Return what drifted, and remember what was read."""
    from reconciler.adapters.memory_file import write_memory
    from reconciler.cli.live import systems
    from reconciler.cli.planning import context_of, desired_state
    from reconciler.drifting import look_for_drift

    desired = desired_state(asked.files, options)
    watch = _watch(asked, options)
    effective = asked.choice is None or asked.choice.ask is not Ask.NONE
    async with systems(options, effective=effective) as live:
        seen = await look_for_drift(desired, live, context_of(options, asked.targets), watch)
    if asked.state is not None and seen.memory is not None:
        write_memory(asked.state, seen.memory)
    return seen.drift


def _watch(asked: Asked, options: LiveOptions) -> "Watch":
    from reconciler.adapters.memory_file import check_writable, read_memory
    from reconciler.drifting import Watch
    from reconciler.observe.recall import Terms

    if asked.targets:
        return Watch(asked.choice, why="--target says what is read")
    if asked.state is None:
        return Watch(asked.choice)
    check_writable(asked.state, "--state")
    memory, why = read_memory(asked.state)
    terms = Terms(options.server, options.owner, timedelta(seconds=asked.max_age), asked.full)
    return Watch(asked.choice, terms, memory, why)
