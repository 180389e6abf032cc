"""The simulated ward as a child process."""

import json
import subprocess

from .paths import RECORDING, program
from .processes import Process


class Ward(Process):
    """`wardline-sim ward` against a broker, with a ledger of what the broker acknowledged."""

    def __init__(self, folder, broker, name="ward"):
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / f"{name}.log")
        self.broker = broker
        self.ledger = folder / f"{name}.ledger"
        self.output = folder / f"{name}.json"
        self.ledger.touch()

    def start(self, *options):
        """Starts publishing; options as of wardline-sim, without the broker's."""
        with open(self.output, "wb") as output:
            return super().start(self._command(*options, "--ledger", self.ledger), stdout=output)

    def run(self, *options):
        """Publishes to the end without a ledger and returns the summary."""
        result = subprocess.run(self._command(*options), capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"wardline-sim: {result.stderr}{result.stdout}")
        return json.loads(result.stdout)

    def stop(self):
        """No new messages, then waits for the acknowledgements of the last; the summary."""
        self.terminate(seconds=120)
        return self.summary()

    def summary(self):
        """What the ended program printed."""
        text = self.output.read_text()
        if not text:
            raise RuntimeError(f"wardline-sim printed no summary; see {self.log}:\n{self.log_tail()}")
        return json.loads(text)

    def _command(self, *options):
        words = [program("wardline-sim"), "ward", "--recording", RECORDING, *self.broker.simulator_options(), *options]
        return [str(word) for word in words]
