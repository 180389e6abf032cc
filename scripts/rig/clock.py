"""Programs whose clock is wrong, by Debian's libfaketime."""

import ctypes
import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def off(seconds):
    """What goes before a command whose clock is to be ahead by so many seconds, or behind; pauses stay as long as they are.

    The library would make its semaphore and its shared memory itself, and name them in the environment, which moves; but a Swift
    program finds its arguments beside the environment.
    """
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise RuntimeError("libfaketime is not installed")
    name = f"wardline-clock-{os.getpid()}"
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sem_open.restype = ctypes.c_void_p
    memory = Path("/dev/shm") / name
    # Two counters, and times that are not known yet.
    memory.write_bytes(bytes(16) + b"\xff" * 240)
    try:
        if not libc.sem_open(f"/{name}".encode(), os.O_CREAT, 0o600, 1):
            raise OSError(ctypes.get_errno(), "sem_open")
        yield [
            "env", f"LD_PRELOAD={library}", f"FAKETIME={seconds:+d}", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            f"FAKETIME_SHARED=/{name} /{name}",
        ]
    finally:
        libc.sem_unlink(f"/{name}".encode())
        memory.unlink()
