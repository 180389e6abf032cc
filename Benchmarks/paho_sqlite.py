"""The peer of the drain benchmark: each message is committed to SQLite, then acknowledged.

usage: paho_sqlite.py PORT CLIENT-ID DATABASE MESSAGES; prints when it started, had the first message and the last.
"""

import json
import sqlite3
import sys
import time

import paho.mqtt.client as mqtt


class Store:
    """Receives until it has `messages` of them."""

    def __init__(self, path, messages):
        self.messages = messages
        self.count = 0
        self.first = self.last = 0.0
        self.database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, topic TEXT, payload BLOB)")

    def on_message(self, client, _, message):
        if self.count == 0:
            self.first = time.monotonic()
        # Outside a transaction each statement commits by itself, with an fsync.
        self.database.execute("INSERT INTO message (topic, payload) VALUES (?, ?)", (message.topic, message.payload))
        client.ack(message.mid, message.qos)
        self.count += 1
        if self.count == self.messages:
            self.last = time.monotonic()
            client.disconnect()


def main():
    started = time.monotonic()
    port, identifier, path, messages = sys.argv[1:]
    store = Store(path, int(messages))
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=identifier, protocol=mqtt.MQTTv5, manual_ack=True
    )
    client.on_message = store.on_message
    properties = mqtt.Properties(mqtt.PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 86_400
    properties.ReceiveMaximum = 1024
    client.connect("127.0.0.1", int(port), clean_start=False, properties=properties)
    client.loop_forever()
    print(json.dumps({"started": started, "first": store.first, "last": store.last}))


if __name__ == "__main__":
    main()
