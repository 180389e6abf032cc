"""Who is connected with whom, as the kernel says it, and what servers have answered, as they say it themselves."""

import os
import re
import ssl
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

ESTABLISHED, LISTENING = 1, 10
"""States of sockets in /proc/net/tcp (include/net/tcp_states.h)."""
_SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Socket:
    """A row of /proc/net/tcp or tcp6: ports of both ends, the state, and the inode that processes hold."""

    def __init__(self, local, remote, state, inode):
        self.local = local
        self.remote = remote
        self.state = state
        self.inode = inode


def read_sockets(text):
    """The rows of a table of the kernel's; only ports are kept, since all are of this machine."""
    sockets = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) >= 10:
            local, remote = (int(words[place].rsplit(":", 1)[1], 16) for place in (1, 2))
            sockets.append(Socket(local, remote, int(words[3], 16), int(words[9])))
    return sockets


def connections(sockets, owners):
    """(client, server) of every connection between two known processes; `owners` names the holder of an inode.

    Each connection has a row for either end. Its server is the end whose port somebody listens at.
    """
    listening = {socket.local for socket in sockets if socket.state == LISTENING}
    open_rows = [socket for socket in sockets if socket.state == ESTABLISHED and socket.inode in owners]
    at = {(socket.local, socket.remote): owners[socket.inode] for socket in open_rows}
    found = []
    for (local, remote), client in at.items():
        server = at.get((remote, local))
        if server is not None and remote in listening and local not in listening:
            found.append((client, server))
    return found


def kernel_sockets():
    """All TCP sockets of this machine."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if os.path.exists(table):
            found += read_sockets(Path(table).read_text())
    return found


def inodes(pid):
    """Inodes of a process's sockets; none when it has ended."""
    found = set()
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(entry.path)
            except OSError:
                continue
            if target.startswith("socket:["):
                found.add(int(target[8:-1]))
    except OSError:
        pass
    return found


def children():
    """The processes that run, by the one that started each."""
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                # The command's name, in brackets, may have spaces and brackets of its own.
                parent = int(Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            found.setdefault(parent, []).append(int(entry.name))
    return found


def listener(port, sockets, holders):
    """The process, of those whose inodes are in `holders`, that listens at a port; None when none does."""
    for socket in sockets:
        if socket.state == LISTENING and socket.local == port and socket.inode in holders:
            return holders[socket.inode]
    return None


class Links(threading.Thread):
    """Looks at connections again and again until it is told to stop.

    `processes` gives a name, (chain, kind, number), for every process identifier at that moment.
    """

    def __init__(self, processes, seconds=0.5):
        super().__init__(daemon=True)
        self.processes = processes
        self.seconds = seconds
        self.looks = 0
        self.pairs = set()
        self.most = Counter()
        self._stopping = threading.Event()

    def run(self):
        while True:
            self.look()
            if self._stopping.wait(self.seconds):
                return

    def stop(self):
        self._stopping.set()
        self.join()

    def look(self):
        # The table first: whoever holds a row of it may have closed it since, but is nobody else.
        sockets = kernel_sockets()
        owners = {inode: name for pid, name in self.processes().items() for inode in inodes(pid)}
        self.take(connections(sockets, owners))

    def take(self, found):
        """Counts the connections of one look."""
        self.looks += 1
        at_once = Counter()
        for client, server in found:
            if client[0] != server[0]:
                self.pairs.add((client, server))
                at_once[_kinds(client, server)] += 1
        for kinds, count in at_once.items():
            self.most[kinds] = max(self.most[kinds], count)

    def report(self):
        """Links between processes of different chains: pairs that were ever connected, and the most connections at once."""
        pairs = Counter(_kinds(client, server) for client, server in self.pairs)
        return {
            "looks": self.looks,
            "links": sum(pairs.values()),
            "by_kind": {kinds: {"links": pairs[kinds], "connections_at_once": self.most[kinds]} for kinds in sorted(pairs)},
        }


def _kinds(client, server):
    return f"{client[0]} {client[1]} to {server[0]} {server[1]}"


# What servers say


def read_samples(text, name):
    """The values of a metric by its labels, a tuple of pairs in the order of the exposition."""
    found = {}
    for line in text.splitlines():
        match = _SAMPLE.match(line)
        if match and match[1] == name:
            found[tuple(_LABEL.findall(match[2] or ""))] = float(match[3])
    return found


def difference(after, before):
    """What counters have grown by; one that fell was of a process that was started anew, and counts whole."""
    grown = Counter()
    for labels, value in after.items():
        old = before.get(labels, 0)
        grown[labels] = int(value - old if value >= old else value)
    return Counter({labels: count for labels, count in grown.items() if count})


def scrape(url, identity):
    """The text of a server's /metrics as an operator of its chain sees it."""
    context = ssl.create_default_context(cafile=str(identity / "current" / "roots.pem"))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(identity / "current" / "tls.crt", identity / "current" / "tls.key")
    with urllib.request.urlopen(f"{url}/metrics", context=context, timeout=30) as answer:
        return answer.read().decode()


def wait_until_still(value, seconds, lasting, every=0.5):
    """The seconds until a number last changed, once it has not for `lasting`; after `seconds` an error."""
    begun = changed = time.monotonic()
    last = value()
    while time.monotonic() < begun + seconds:
        time.sleep(every)
        now = value()
        if now != last:
            last, changed = now, time.monotonic()
        elif time.monotonic() > changed + lasting:
            return changed - begun
    raise RuntimeError(f"it does not come to rest in {seconds} seconds")
