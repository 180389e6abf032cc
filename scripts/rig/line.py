"""A line to a server that can break in the middle of a transfer."""

import contextlib
import socket
import threading
import time


class Line:
    """Passes bytes to a TCP port of loopback, counts those that come back, and breaks after so many of them.

    A broken line cuts what is open and takes nobody until it is mended. With a `pause`, seconds, each piece comes so much later.
    """

    def __init__(self, port):
        self._server_port = port
        self.pause = 0
        self._lock = threading.Lock()
        self._open = set()
        self._carried = 0
        self._limit = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def carried(self):
        """Bytes from the server since the last `mend`."""
        with self._lock:
            return self._carried

    @property
    def is_broken(self):
        with self._lock:
            return self._limit is not None and self._carried >= self._limit

    def mend(self, breaks_after=None):
        """Lets bytes pass, and counts from nought; with a count, only so many."""
        with self._lock:
            self._carried, self._limit = 0, breaks_after

    def close(self):
        self._listener.close()
        self._cut()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_broken:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server_port))
                with self._lock:
                    self._open |= {client, server}
                threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source, sink, is_counted):
        with contextlib.suppress(OSError):
            while data := source.recv(4_096):
                time.sleep(self.pause)
                if is_counted:
                    data = self._counted(data)
                sink.sendall(data)
                if self.is_broken:
                    self._cut()
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _counted(self, data):
        """What of these bytes still passes."""
        with self._lock:
            if self._limit is not None:
                data = data[: max(0, self._limit - self._carried)]
            self._carried += len(data)
            return data

    def _cut(self):
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
