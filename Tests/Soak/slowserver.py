"""A server with a privacy center's certificate that takes for ever, in one of several ways."""

import asyncio
import ssl
import threading

MODES = ("no-handshake", "silent", "header", "body", "deaf")


class SlowServer:
    """Listens on a loopback port in a thread of its own; `mode` may be changed while it runs."""

    def __init__(self, port, identity, mode):
        self.port = port
        self.mode = mode
        self.connections = 0
        self.requests = 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(identity / "current" / "tls.crt", identity / "current" / "tls.key")
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.servers = []

    def start(self):
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(10)
        return self

    def stop(self):
        """Closes the port and every connection."""
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def _listen(self):
        tls = None if self.mode == "no-handshake" else self.tls
        self.servers.append(await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls))

    async def _close(self):
        for server in self.servers:
            server.close()
        for task in asyncio.all_tasks(self.loop):
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.sleep(0.1)

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            await self._drag_on(reader, writer)
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _drag_on(self, reader, writer):
        if self.mode in ("no-handshake", "deaf"):
            await asyncio.sleep(86_400)
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0]) if lengths else 0)
            if self.mode == "silent":
                await asyncio.sleep(86_400)
            answer = b"HTTP/1.1 201 Created\r\ncontent-type: application/octet-stream\r\ncontent-length: 4000\r\n"
            if self.mode == "header":
                answer += b"x-filling: " + b"a" * 8_000
            else:
                writer.write(answer + b"\r\n")
                answer = b"a" * 4_000
            for byte in answer:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
