"""Disks that are full, and disks that are slow."""

import shutil
import time

from .processes import Process


def fill(folder):
    """Leaves no room in a file system; the file that takes it."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        size = 1 << 20
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return filler


class SlowDisk(Process):
    """Makes a running process wait at each synchronization of its files, as a disk does that is much too slow."""

    def start(self, process, seconds):
        super().start([
            shutil.which("strace") or "/usr/bin/strace", "-f", "-p", process.pid, "-e", "trace=fsync,fdatasync",
            "-e", f"inject=fsync,fdatasync:delay_enter={seconds}s",
        ])
        # It says so of each thread.
        self.wait_for_line("attached", 20)
        time.sleep(0.2)
        return self
