"""JSON-RPC 2.0 over HTTP on loopback, as nodes of chains with an EVM offer it."""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUEST_BYTES_MAX = 4 << 20
BATCH_MAX = 100


class CallError(Exception):
    """An answer that says no: number, text, and data of a contract that reverted."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.data = code, data


def hexbytes(value):
    return "0x" + bytes(value).hex()


def number(text):
    """A quantity that a caller gave."""
    if not isinstance(text, str) or not text.startswith("0x") or len(text) < 3:
        raise CallError(-32602, "not a quantity")
    return int(text, 16)


def unhex(text):
    if not isinstance(text, str) or not text.startswith("0x"):
        raise CallError(-32602, "not hexadecimal data")
    return bytes.fromhex(text[2:])


def answer(methods, lock, request):
    """The answer to one request; one request at a time changes or reads the chain."""
    result = {"jsonrpc": "2.0", "id": request.get("id")}
    method = methods.get(request.get("method"))
    if method is None:
        return result | {"error": {"code": -32601, "message": "the method does not exist"}}
    try:
        with lock:
            return result | {"result": method(*request.get("params", []))}
    except CallError as error:
        body = {"code": error.code, "message": str(error)}
        return result | {"error": body if error.data is None else body | {"data": error.data}}
    except Exception as error:  # pylint: disable=broad-except
        return result | {"error": {"code": -32000, "message": f"{type(error).__name__}: {error}"[:300]}}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that was killed is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(port, methods):
    """Serves the methods until the process is told to end; says so on standard output when it is ready."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format, *arguments):  # pylint: disable=redefined-builtin
            pass

        def do_POST(self):  # pylint: disable=invalid-name
            size = int(self.headers.get("Content-Length", "0"))
            if size > REQUEST_BYTES_MAX:
                return self.send_error(413)
            try:
                requests = json.loads(self.rfile.read(size))
            except ValueError:
                return self.send_error(400)
            if isinstance(requests, list):
                body = [answer(methods, lock, request) for request in requests[:BATCH_MAX]]
            else:
                body = answer(methods, lock, requests)
            encoded = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            try:
                self.wfile.write(encoded)
            except BrokenPipeError:
                self.close_connection = True
            return None

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = Server(("127.0.0.1", port), Handler)
    print(f"listening {server.server_address[1]}", flush=True)
    server.serve_forever()
