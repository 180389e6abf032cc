#!/usr/bin/env python3
"""A chain of eth-tester with Prague rules; every transaction is a block at once."""

import argparse

from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import BlockNotFound, TransactionFailed, TransactionNotFound
from eth_utils import to_checksum_address

import rpc
from rpc import CallError, hexbytes, number, unhex

# Camel case of JSON-RPC by what eth-tester calls it.
BLOCK_NUMBERS = {
    "number": "number", "difficulty": "difficulty", "gas_limit": "gasLimit", "gas_used": "gasUsed",
    "timestamp": "timestamp", "base_fee_per_gas": "baseFeePerGas", "blob_gas_used": "blobGasUsed",
    "excess_blob_gas": "excessBlobGas",
}
BLOCK_DATA = {
    "hash": "hash", "parent_hash": "parentHash", "sha3_uncles": "sha3Uncles", "state_root": "stateRoot",
    "transactions_root": "transactionsRoot", "receipts_root": "receiptsRoot", "mix_hash": "mixHash",
    "nonce": "nonce", "withdrawals_root": "withdrawalsRoot", "parent_beacon_block_root": "parentBeaconBlockRoot",
    "requests_hash": "requestsHash",
}


class Node:
    def __init__(self):
        self.tester = EthereumTester(PyEVMBackend(), auto_mine_transactions=True)
        self.chain = self.tester.backend.chain

    def block(self, block):
        # eth-tester pads two fields, and a header with them has another hash.
        header = self.chain.get_canonical_block_header_by_number(block["number"])
        return (
            {name: hex(block[key]) for key, name in BLOCK_NUMBERS.items()}
            | {name: as_hex(block[key]) for key, name in BLOCK_DATA.items()}
            | {"miner": block["coinbase"] if "coinbase" in block else block["miner"]}
            | {"logsBloom": hexbytes(header.bloom.to_bytes(256, "big")), "extraData": hexbytes(header.extra_data)}
            | {"uncles": [], "transactions": [as_hex(digest) for digest in block["transactions"]]}
        )

    def block_by_number(self, tag, _full=False):
        try:
            return self.block(self.tester.get_block_by_number(height(tag), full_transactions=False))
        except BlockNotFound:
            return None

    def block_by_hash(self, digest, _full=False):
        try:
            return self.block(self.tester.get_block_by_hash(digest, full_transactions=False))
        except BlockNotFound:
            return None

    def log(self, log):
        return {
            "address": log["address"], "topics": [as_hex(topic) for topic in log["topics"]],
            "data": as_hex(log["data"]), "blockHash": as_hex(log["block_hash"]),
            "transactionHash": as_hex(log["transaction_hash"]), "removed": False,
            "blockNumber": hex(log["block_number"]), "logIndex": hex(log["log_index"]),
            "transactionIndex": hex(log["transaction_index"]),
        }

    def receipt(self, digest):
        try:
            receipt = self.tester.get_transaction_receipt(digest)
        except TransactionNotFound:
            return None
        return {
            "transactionHash": as_hex(receipt["transaction_hash"]), "blockHash": as_hex(receipt["block_hash"]),
            "transactionIndex": hex(receipt["transaction_index"]), "blockNumber": hex(receipt["block_number"]),
            "from": receipt["from"], "to": receipt["to"] or None, "contractAddress": receipt["contract_address"],
            "cumulativeGasUsed": hex(receipt["cumulative_gas_used"]), "gasUsed": hex(receipt["gas_used"]),
            "status": hex(receipt["status"]), "type": hex(int(receipt.get("type", "0x0"), 16)),
            "logs": [self.log(log) for log in receipt["logs"]],
        }

    def logs(self, query):
        if "blockHash" in query:
            first = last = self.tester.get_block_by_hash(query["blockHash"])["number"]
        else:
            first, last = height(query.get("fromBlock")), height(query.get("toBlock"))
        topics = query.get("topics")
        # It knows no choice of topics at one place.
        if topics and isinstance(topics[0], list):
            found = [
                log for topic in topics[0]
                for log in self.tester.get_logs(first, last, query.get("address"), [topic])
            ]
            found.sort(key=lambda log: (log["block_number"], log["log_index"]))
        else:
            found = self.tester.get_logs(first, last, query.get("address"), topics)
        return [self.log(log) for log in found]

    def transaction(self, call):
        names = {"from": "from", "to": "to", "data": "data", "input": "data", "value": "value", "gas": "gas"}
        fields = {names[name]: value for name, value in call.items() if name in names and value is not None}
        for name in ("value", "gas"):
            if name in fields:
                fields[name] = number(fields[name])
        fields.setdefault("from", self.tester.get_accounts()[0])
        return {name: checksummed(value) if name in ("from", "to") else value for name, value in fields.items()}

    def tried(self, function, call, tag):
        try:
            return function(self.transaction(call), height(tag))
        except TransactionFailed as error:
            raise CallError(3, f"execution reverted: {error}"[:300]) from error

    def send(self, raw):
        try:
            return as_hex(self.tester.send_raw_transaction(raw))
        except TransactionFailed as error:
            raise CallError(-32000, str(error)[:300]) from error

    def fund(self, account, amount):
        """Gives from the first of the tester's own accounts."""
        return as_hex(
            self.tester.send_transaction(
                {"from": self.tester.get_accounts()[0], "to": checksummed(account), "value": number(amount), "gas": 21_000}
            )
        )

    def create(self, code):
        """A transaction of the tester's first account that makes a contract; the digest."""
        return as_hex(
            self.tester.send_transaction(
                {"from": self.tester.get_accounts()[0], "to": "", "data": code, "gas": 5_000_000}
            )
        )

    def methods(self):
        tester = self.tester
        return {
            "eth_chainId": lambda: hex(self.chain.chain_id),
            "eth_blockNumber": lambda: hex(tester.get_block_by_number("latest")["number"]),
            "eth_gasPrice": lambda: hex(2 * 10**9),
            "eth_maxPriorityFeePerGas": lambda: hex(10**9),
            "eth_getBlockByNumber": self.block_by_number,
            "eth_getBlockByHash": self.block_by_hash,
            "eth_getTransactionReceipt": self.receipt,
            "eth_getLogs": self.logs,
            "eth_getTransactionCount": lambda a, tag="latest": hex(tester.get_nonce(checksummed(a), "latest")),
            "eth_getBalance": lambda a, tag="latest": hex(tester.get_balance(checksummed(a), height(tag))),
            "eth_getCode": lambda a, tag="latest": as_hex(tester.get_code(checksummed(a), height(tag))),
            "eth_call": lambda call, tag="latest": as_hex(self.tried(tester.call, call, tag)),
            "eth_estimateGas": lambda call, tag="latest": hex(self.tried(tester.estimate_gas, call, tag)),
            "eth_sendRawTransaction": self.send,
            "evm_mine": lambda: as_hex(tester.mine_block()),
            "dev_fund": self.fund,
            "dev_create": self.create,
        }


def height(tag):
    return tag if tag in ("latest", "earliest", "pending", "safe", "finalized") else number(tag) if tag else "latest"


def checksummed(account):
    return to_checksum_address(unhex(account))


def as_hex(value):
    return value if isinstance(value, str) else hexbytes(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18545)
    rpc.serve(parser.parse_args().port, Node().methods())


if __name__ == "__main__":
    main()
