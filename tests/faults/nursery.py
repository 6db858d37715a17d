"""A process that has learnt the brain once and forks the service from itself, again and again.

Starting `socialcare run` costs seconds of loading, which a thousand kills cannot afford. Here only
the loading is shared; every child reads the configuration, opens the store, listens and recovers
as the command does, and dies alone. Lines on stdin: ``spawn PORT DIE_AT VERSION`` (``-`` for no
point; of the next version, which has a migration more, or of this one).
Lines on stdout: ``ready``, ``born PID``, ``dead PID STATUS`` (negative: the signal).
"""

import asyncio
import ctypes
import gc
import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path

from brain.embedded import Mind
from conversation.clock import SteadyClock
from conversation.store import StoreUnusable
from socialcare.app import Service
from socialcare.fault_points import dying_at, unheard
from socialcare.following import Source, source_of
from socialcare.learning import learn, read_articles
from socialcare.logs import set_up
from socialcare.secrets import secret_values
from tests.faults.incarnations import NEXT, NO_STORE
from tests.faults.machine import Machine, with_slow_commits
from tests.faults.next_version import update

LOOK_S = 0.01
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _live(
    source: Source, mind: Mind, machine: Machine, *, port: int, die_at: str, version: str
) -> None:
    """Be the service, until told to stop or killed."""
    with_slow_commits(machine)
    if version == NEXT:
        update()
    settings = source.read()
    set_up(secrets=secret_values(settings))
    service = Service(
        settings,
        folder=source.file.parent,
        clock=SteadyClock(wall=machine.wall),
        source=source,
        learn=lambda _settings, _articles: mind,
        passing=unheard if die_at == "-" else dying_at(die_at),
    )

    async def serve() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await service.start(port=port)
        await stop.wait()
        await service.stop()

    asyncio.run(serve())


def _spawn(
    source: Source, mind: Mind, machine: Machine, *, port: int, die_at: str, version: str
) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        _die_with_parent()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        _live(source, mind, machine, port=port, die_at=die_at, version=version)
        status = 0
    except StoreUnusable as error:
        print(json.dumps({"event": "store unusable", "why": str(error)}), file=sys.stderr)  # noqa: T201 - the log
        status = NO_STORE
    except BaseException:  # noqa: BLE001 - the last word of a process
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _bury() -> None:
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _tell("dead", pid, os.waitstatus_to_exitcode(status))
    except ChildProcessError:
        return


def main(config: str, machine_file: str) -> None:
    """Learn, then spawn whenever asked, until stdin ends."""
    _die_with_parent()
    source = source_of(Path(config), os.environ)  # noqa: TID251 - as the command does
    settings = source.read()
    articles, _ = read_articles(source.file.parent / settings.knowledge.folder)
    mind = learn(settings, articles)
    machine = Machine(Path(machine_file))
    gc.freeze()
    _tell("ready")
    while True:
        _bury()
        if not select.select([0], [], [], LOOK_S)[0]:
            continue
        line = os.read(0, 4096).decode()
        if not line:
            return
        for spawn in line.splitlines():
            _, port, die_at, version = spawn.split()
            child = _spawn(source, mind, machine, port=int(port), die_at=die_at, version=version)
            _tell("born", child)


if __name__ == "__main__":
    main(*sys.argv[1:])
