"""Child processes that log to a file and never outlive their owner."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

PR_SET_PDEATHSIG = 1
_next_port = 20_000


def free_port():
    """A TCP port on loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """The first of so many TCP ports in a row on loopback that nobody uses at the moment, and nobody was given before."""
    global _next_port
    for first in range(_next_port, 32_000, count):
        with ExitStack() as probes:
            try:
                for port in range(first, first + count):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            _next_port = first + count
            return first
    raise RuntimeError(f"there are no {count} free ports in a row")


def wait_for_port(port, process, seconds=20):
    """Returns when something listens at the port."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not process.is_running():
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens at port {port}; see {process.log}:\n{process.log_tail()}")


def _die_with_parent():
    """Runs in the child: a rig that is killed leaves no servers behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def exit_on_sigterm():
    """SIGTERM to the rig ends it like an exception, so that everything is cleaned up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell that starts the rig in the background has Ctrl-C ignored; `kill -INT` is to work all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Process:
    """One child process at a time; may be started again after it has ended."""

    def __init__(self, log):
        self.log = log
        self.child = None
        self.was_told_to_end = False

    def start(self, command, stdout=None):
        """Starts the command; its output is appended to the log unless `stdout` takes it."""
        self.was_told_to_end = False
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                preexec_fn=_die_with_parent,
                # Ctrl-C is for the rig, which then ends its children in order.
                start_new_session=True,
            )
        return self

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    def has_ended_by_itself(self):
        """Whether it ended before anybody told it to: a crash, or an error that it reported."""
        return self.child is not None and not self.is_running() and not self.was_told_to_end

    def send(self, number):
        if self.is_running():
            self.was_told_to_end |= number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
            os.kill(self.child.pid, number)

    def wait(self, seconds=None):
        """The exit code; negative is the signal that ended it."""
        return self.child.wait(timeout=seconds)

    def kill(self):
        """kill -9."""
        self.send(signal.SIGKILL)
        return self.wait() if self.child else None

    def terminate(self, seconds=60):
        """SIGTERM, and SIGKILL for one that does not obey; the exit code."""
        if self.child is None:
            return None
        self.send(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            return self.kill()

    def wait_for_line(self, text, seconds):
        """Returns when the log has this text."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text in self.log.read_text(errors="replace"):
                return
            if not self.is_running():
                break
            time.sleep(0.02)
        raise RuntimeError(f"'{text}' does not come in {self.log}:\n{self.log_tail()}")

    def log_tail(self, lines=15):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])

    def resident_kilobytes(self, field):
        """A field of /proc/PID/status such as RssAnon or VmRSS, in KiB."""
        with open(f"/proc/{self.child.pid}/status") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        return 0
