"""What every variant of the soak test stands on: broker, agent, ward, and random instants from a seed."""

import json
import random
import sys
import time
from contextlib import ExitStack

from rig.agent import Agent
from rig.broker import Broker
from rig.census import Census
from rig.ward import Ward


class Bench:
    """The servers of one run; leaving `stack` ends them."""

    def __init__(self, folder, arguments, seed):
        self.folder = folder
        self.cycles = arguments.cycles
        self.arguments = arguments
        self.random = random.Random(seed)
        self.stack = ExitStack()
        self.broker = Broker(folder / "broker")
        self.ward = Ward(folder, self.broker)
        self.agent = None

    def start(self, qos=1, rate=None, make=Agent, ward_options=(), **agent_options):
        """Broker, then the agent until it has its subscription, then the ward."""
        self.agent = make(self.folder / "agent", self.broker, **agent_options)
        self.broker.start()
        self.stack.callback(self.broker.terminate)
        self.agent.start()
        self.stack.callback(self.agent.terminate)
        self.agent.wait_until_ready()
        rate = rate or self.arguments.rate
        self.ward.start("--beds", 32, "--present-only", "--rate", rate, "--qos", qos, *ward_options)
        self.stack.callback(self.ward.terminate)

    def pause(self, least, most):
        """Sleeps until a random instant."""
        time.sleep(self.random.uniform(least, most))

    def cycle_numbers(self):
        """1 to the number of cycles, shown as they go by."""
        for number in range(1, self.cycles + 1):
            print(f"\r  cycle {number}/{self.cycles} ", end="", file=sys.stderr, flush=True)
            yield number
        print(file=sys.stderr)

    def verify_latest(self, latest):
        """As `verify`, counting the last version of each identifier alone, and the agent runs on."""
        summary = self.ward.stop()
        stats = self.agent.wait_until_drained()
        census = Census()
        for observation in latest(self).values():
            census.add(json.dumps(observation))
        lost, acknowledged = census.lost(self.ward.ledger)
        return {
            "published": summary["published"],
            "acknowledged": acknowledged,
            "observations": census.observations,
            "lost": lost,
            "duplicates": census.duplicates(),
            "unexplained": census.unexplained,
            "deadLetters": stats["deadLettered"],
        }

    def verify(self):
        """Stops the ward, drains, exports and compares with the ledger; the figures for the report."""
        summary = self.ward.stop()
        if not self.agent.is_running():
            self.agent.start()
        self.agent.wait_until_ready(120)
        stats = self.agent.wait_until_drained()
        exit_code = self.agent.terminate()
        census = self._export()
        lost, acknowledged = census.lost(self.ward.ledger)
        return {
            "published": summary["published"],
            "acknowledged": acknowledged,
            "rate": summary["rate"],
            "observations": census.observations,
            "lost": lost,
            "duplicates": census.duplicates(),
            "unexplained": census.unexplained,
            "deadLetters": stats["deadLettered"],
            "redelivered": stats["redelivered"],
            "suppressed": stats["suppressed"],
            "lastExitCode": exit_code,
        }

    def _export(self):
        census = Census()
        for line in self.agent.export():
            # The ward publishes no waveforms; a variant that does counts them itself.
            if b'"valueSampledData"' not in line:
                census.add(line)
        return census
