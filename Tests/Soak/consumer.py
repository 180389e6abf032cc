"""A reader of the agent's NDJSON sink that can stop reading."""

import os
import select
import time

from rig.census import Census


class PausingConsumer:
    """Holds a named pipe open and reads from it only when told to; counts what comes."""

    def __init__(self, path):
        self.path = path
        self.census = Census()
        os.mkfifo(path, 0o600)
        # Opened for reading and writing: the pipe then outlives a writer that is killed.
        self.descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.rest = b""

    def close(self):
        os.close(self.descriptor)

    def read_until(self, observations, seconds=60):
        """Reads until so many Observations have come."""
        deadline = time.monotonic() + seconds
        while self.census.observations < observations:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the sink gave {self.census.observations} observations in {seconds} s")
            self._read_some(1)

    def read_until_quiet(self, seconds=5):
        """Reads until nothing has come for so long."""
        while self._read_some(seconds):
            pass

    def _read_some(self, seconds):
        """Reads what is there; False if nothing came in time."""
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return False
        lines = (self.rest + os.read(self.descriptor, 1 << 20)).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self._count(line)
        return True

    def _count(self, line):
        """Counts a line; one that a kill cut off is followed, on the same line, by the whole of it or of another."""
        try:
            self.census.add(line)
        except ValueError:
            start = line.rfind(b'{"resourceType"')
            if start > 0:
                self.census.add(line[start:])
