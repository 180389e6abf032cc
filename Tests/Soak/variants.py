"""The ways to break a running agent. Each takes a Bench and gives the figures of its report."""

import os
import subprocess

from consumer import PausingConsumer
from fhir import fhir
from mended import mended
from moves import moves


def kill9(bench, qos=1):
    """`kill -9` at random instants, some of them while the agent is still starting."""
    bench.start(qos=qos)
    for _ in bench.cycle_numbers():
        bench.pause(0.02, 2.5)
        bench.agent.kill()
        bench.pause(0, 0.3)
        bench.agent.start()
    return bench.verify()


def qos2(bench):
    """The same with publishers at QoS 2."""
    return kill9(bench, qos=2)


def broker_restart(bench):
    """Planned restarts of the broker; ward and agent reconnect by themselves."""
    bench.start()
    for _ in bench.cycle_numbers():
        bench.pause(0.5, 2.5)
        bench.broker.restart()
    return bench.verify()


def sigterm(bench):
    """Orderly stops; each has to end with exit code 0."""
    bench.start()
    failures = 0
    for _ in bench.cycle_numbers():
        bench.pause(0.3, 2.5)
        failures += bench.agent.terminate() != 0
        bench.agent.start()
        # A signal that comes before the program can handle it ends it as the system does; that is not what is tested.
        bench.agent.wait_until_ready()
    return bench.verify() | {"failures": failures}


def disk_full(bench):
    """The state directory is a small tmpfs; a filler takes the room away and gives it back."""
    state = _mount_tmpfs(bench)
    filler = state / "filler"
    # A small reserve, so that both refusals happen: the agent's own, and the file system's in the middle of a write.
    bench.start(state=state, free_min="2MiB")
    for _ in bench.cycle_numbers():
        bench.pause(0.2, 1)
        _fill(state, filler, leave=bench.random.randrange(4 << 20))
        bench.agent.wait_until_unready()
        bench.pause(0.1, 2)
        if bench.random.random() < 0.25:
            bench.agent.kill()
            filler.unlink()
            bench.agent.start()
        else:
            filler.unlink()
        bench.agent.wait_until_ready()
    return bench.verify()


def slow_consumer(bench):
    """The sink is a pipe whose reader stops until the backlog has grown, with one `kill -9` on the way."""
    consumer = PausingConsumer(bench.folder / "sink.fifo")
    bench.stack.callback(consumer.close)
    bench.start(rate=max(bench.arguments.rate, 5000), sink=consumer.path)
    consumer.read_until(observations=1000)
    _grow_backlog(bench, bench.arguments.backlog // 2)
    bench.agent.kill()
    bench.agent.start()
    _grow_backlog(bench, bench.arguments.backlog)
    bench.ward.stop()
    received = bench.agent.wait_until_drained()["received"]
    consumer.read_until_quiet()
    report = bench.verify()
    missing, _ = consumer.census.lost(bench.ward.ledger)
    return report | {
        "backlog": received,
        "consumed": consumer.census.observations,
        "consumedTwice": consumer.census.duplicates(),
        "failures": missing,
    }


def waves(bench):
    """`kill -9` while waveforms are published beside the numerics: every block exactly once, bit by bit."""
    # The one variant that needs an MQTT client in Python.
    from waves import waves as run

    return run(bench)


VARIANTS = {
    "fhir": fhir,
    "kill9": kill9,
    "mended": mended,
    "moves": moves,
    "qos2": qos2,
    "broker-restart": broker_restart,
    "disk-full": disk_full,
    "sigterm": sigterm,
    "slow-consumer": slow_consumer,
    "waves": waves,
}


def _mount_tmpfs(bench):
    if os.geteuid() != 0:
        raise RuntimeError("disk-full mounts a tmpfs and needs root")
    state = bench.folder / "tmpfs"
    state.mkdir()
    size = f"size={bench.arguments.tmpfs_size},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(state)], check=True)
    bench.stack.callback(subprocess.run, ["umount", str(state)], check=False)
    return state


def _fill(state, filler, leave):
    """Takes all room of the file system but `leave` bytes."""
    with open(filler, "wb") as file:
        system = os.statvfs(state)
        size = max(4096, system.f_bavail * system.f_frsize - leave)
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            # The agent was faster and took some of it: then there is no room left at all, which is wanted.
            pass


def _grow_backlog(bench, messages):
    """Returns when the agent has that many messages."""
    while bench.agent.stats()["received"] < messages:
        if not bench.agent.is_running() or not bench.ward.is_running():
            raise RuntimeError("agent or ward ended while the backlog grew")
        bench.pause(0.5, 1)
