"""What counts links and answers must tell chains apart, count each connection once, and see counters that began anew."""

import os
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from rig.traffic import (  # noqa: E402
    Links, children, connections, difference, inodes, kernel_sockets, listener, read_samples, read_sockets, wait_until_still,
)

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(number, local, remote, state, inode):
    return (
        f"  {number:2}: 0100007F:{local:04X} 0100007F:{remote:04X} {state:02X} 00000000:00000000 00:00000000 00000000     0"
        f"        0 {inode} 1 0000000000000000 20 4 30 10 -1\n"
    )


class Connections(unittest.TestCase):
    CLIENT, SERVER = ("north", "gateway", 1), ("hub", "validator", 2)

    def rows(self, *rows):
        return read_sockets(HEAD + "".join(row(number, *values) for number, values in enumerate(rows)))

    def test_a_connection_with_two_rows_counts_once_from_client_to_server(self):
        rows = self.rows((7000, 0, 10, 1), (50000, 7000, 1, 2), (7000, 50000, 1, 3))
        self.assertEqual(connections(rows, {2: self.CLIENT, 3: self.SERVER}), [(self.CLIENT, self.SERVER)])

    def test_connections_with_others_and_closed_ones_do_not_count(self):
        rows = self.rows((7000, 0, 10, 1), (50000, 7000, 1, 2), (7000, 50000, 1, 3), (50001, 7000, 6, 4), (7000, 50001, 6, 5))
        self.assertEqual(connections(rows, {3: self.SERVER, 4: self.CLIENT, 5: self.SERVER}), [])

    def test_a_real_connection_of_this_process_is_seen(self):
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()), server.accept()[0]:
            own, port = inodes(os.getpid()), server.getsockname()[1]
            sockets = [each for each in kernel_sockets() if port in (each.local, each.remote)]
            holders = {inode: os.getpid() for inode in own}
            self.assertEqual(connections(sockets, holders), [(os.getpid(), os.getpid())])
            self.assertEqual(listener(port, sockets, holders), os.getpid())
            self.assertIsNone(listener(port, sockets, {}))

    def test_a_process_is_among_the_children_of_its_parent(self):
        self.assertIn(os.getpid(), children()[os.getppid()])

    def test_links_are_pairs_of_processes_of_different_chains(self):
        links = Links(dict)
        other = ("hub", "validator", 1)
        links.take([(self.CLIENT, self.SERVER), (self.CLIENT, self.SERVER), (other, self.SERVER)])
        links.take([(self.CLIENT, other)])
        self.assertEqual(
            links.report(),
            {"looks": 2, "links": 2, "by_kind": {"north gateway to hub validator": {"links": 2, "connections_at_once": 2}}},
        )


class Counters(unittest.TestCase):
    TEXT = (
        "# TYPE wardline_http_requests_total counter\n"
        'wardline_http_requests_total{route="/v1/hops",method="POST",status="200"} 7\n'
        'wardline_http_requests_total{route="/v1/channels/{channel}/headers",method="GET",status="200"} 2\n'
        "wardline_http_requests_total_other 9\nwardline_relay_accepted_total 4\n"
    )

    def test_samples_are_read_by_name_and_labels(self):
        hops = (("route", "/v1/hops"), ("method", "POST"), ("status", "200"))
        samples = read_samples(self.TEXT, "wardline_http_requests_total")
        self.assertEqual((len(samples), samples[hops]), (2, 7))
        self.assertIn("/v1/channels/{channel}/headers", [dict(labels)["route"] for labels in samples])
        self.assertEqual(read_samples(self.TEXT, "wardline_relay_accepted_total"), {(): 4})

    def test_growth_counts_new_rows_and_processes_that_began_anew(self):
        grown = difference({"a": 5.0, "b": 2.0, "c": 3.0, "d": 1.0}, {"a": 3.0, "c": 3.0, "d": 8.0})
        self.assertEqual(grown, {"a": 2, "b": 2, "d": 1})

    def test_rest_is_when_nothing_grows(self):
        values = iter([1, 2, 3])
        self.assertGreater(wait_until_still(lambda: next(values, 3), 60, 0.05, every=0.01), 0)
        with self.assertRaises(RuntimeError):
            wait_until_still(iter(range(100)).__next__, 0.05, 60, every=0.01)


if __name__ == "__main__":
    unittest.main()
