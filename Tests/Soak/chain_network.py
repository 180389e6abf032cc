"""A network namespace for each validator, on one bridge, so that links between them can be cut."""

import os
import subprocess
import time

SUBNET_MAX = 250


class Namespaces:
    """Needs root. Validator N has the address `address(N)`; this process reaches all of them over the bridge."""

    def __init__(self, count):
        self.tag = f"wl{os.getpid() % 100_000}"
        self.subnet = f"10.231.{os.getpid() % SUBNET_MAX}"
        self.numbers = range(1, count + 1)
        self.cuts = []
        self.can_disturb = False

    def address(self, number):
        return f"{self.subnet}.{number}"

    def prefix(self, number):
        """Goes before a command that is to run in the validator's namespace."""
        return ["ip", "netns", "exec", self._name(number)]

    def __enter__(self):
        try:
            _ip("link", "add", self.tag, "type", "bridge")
            _ip("addr", "add", f"{self.subnet}.254/24", "dev", self.tag)
            _ip("link", "set", self.tag, "up")
            for number in self.numbers:
                self._make(number)
        except BaseException:
            self.__exit__()
            raise
        self.can_disturb = self._can_disturb()
        return self

    def __exit__(self, *_):
        for number in self.numbers:
            _ip("netns", "del", self._name(number), check=False)
        _ip("link", "del", self.tag, check=False)

    # Faults

    def isolate(self, number):
        """Pulls the cable of one validator: clients do not reach it either."""
        _ip("link", "set", self._outer(number), "down")
        self.cuts.append(lambda: _ip("link", "set", self._outer(number), "up"))

    def split(self, left, right):
        """No packet goes between the two groups, in either direction."""
        for one in left:
            for other in right:
                self.silence(one, other)
                self.silence(other, one)

    def silence(self, sender, receiver):
        """Packets of the sender to the receiver are lost; the other way they flow."""
        words = ["blackhole", f"{self.address(receiver)}/32"]
        _ip("-n", self._name(sender), "route", "add", *words)
        self.cuts.append(lambda: _ip("-n", self._name(sender), "route", "del", *words))

    def flap(self, number):
        """The cable of one validator is loose for a second."""
        for state in ("down", "up") * 5:
            _ip("link", "set", self._outer(number), state)
            time.sleep(0.1)

    def disturb(self, number, delay, loss):
        """Delays (ms) and loses (percent) what the validator sends."""
        device = ["dev", "eth0", "root", "netem"]
        full = ["tc", "-n", self._name(number), "qdisc"]
        _run([*full, "add", *device, "delay", f"{delay}ms", f"{delay // 2}ms", "loss", f"{loss}%"])
        self.cuts.append(lambda: _run([*full, "del", "dev", "eth0", "root"]))

    def heal(self):
        """Undoes all faults."""
        while self.cuts:
            self.cuts.pop()()

    # Details

    def _can_disturb(self):
        """Not every kernel can lose packets on purpose."""
        words = ["tc", "-n", self._name(1), "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]
        try:
            return subprocess.run(words, capture_output=True).returncode == 0
        except FileNotFoundError:
            return False

    def _name(self, number):
        return f"{self.tag}-{number}"

    def _outer(self, number):
        return f"{self.tag}p{number}"

    def _make(self, number):
        name = self._name(number)
        _ip("netns", "add", name)
        _ip("link", "add", self._outer(number), "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", self._outer(number), "master", self.tag, "up")
        _ip("-n", name, "addr", "add", f"{self.address(number)}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "link", "set", "lo", "up")


def _ip(*words, check=True):
    _run(["ip", *words], check)


def _run(words, check=True):
    result = subprocess.run(words, capture_output=True, text=True)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {result.stderr}")
