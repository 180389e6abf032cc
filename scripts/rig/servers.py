"""What the servers of a `rig.dev.Dev` take: processor time and memory, by the party's name."""

import os
import re
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def server_processes(dev):
    """The process id of each party's server."""
    found = {}
    # A child belongs to the thread that started it.
    for child in " ".join(path.read_text() for path in Path(f"/proc/{dev.pid}/task").glob("*/children")).split():
        command = Path(f"/proc/{child}/cmdline").read_bytes().decode(errors="replace")
        match = re.search(r"node\0run\0.*/([^/]+)/node\.yaml", command)
        if match:
            found[match[1]] = int(child)
    return found


def processor_seconds(pid):
    """User and system time of a running process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_kilobytes(pid, *names):
    """Fields of /proc/PID/status such as VmRSS or RssAnon, in KiB."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return {name: int(status.get(name, "0 kB").split()[0]) for name in names}
