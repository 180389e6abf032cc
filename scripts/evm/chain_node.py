#!/usr/bin/env python3
"""A chain of py-evm with London rules, several transactions a block, side branches and reorganisations.

Blocks are mined when `evm_mine` says so, or every so many seconds. `dev_mineOn(hash, [raw...])` mines on any block; the
branch with more total difficulty is the chain then. `dev_fault(name)` makes the node lie, for tests of those who ask it.
"""

import argparse
import threading
import time

import rlp
from eth.chains.base import MiningChain
from eth.consensus import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, Revert, TransactionNotFound, VMError
from eth.vm.forks import LondonVM
from eth.vm.spoof import SpoofTransaction
from eth_keys import keys
from eth_utils import keccak, to_checksum_address

import rpc
from rpc import CallError, hexbytes, number, unhex

CHAIN_ID = 1337
GAS_LIMIT = 30_000_000
FUNDED = [keys.PrivateKey(bytes([0x11 + place]) * 32) for place in range(5)]
TIP = 10**9


class Rules(LondonVM):
    consensus_class = NoProofConsensus


class Node:
    def __init__(self):
        configuration = MiningChain.configure("Dev", vm_configuration=((0, Rules),), chain_id=CHAIN_ID)
        account = {"balance": 10**24, "nonce": 0, "code": b"", "storage": {}}
        genesis = {"difficulty": 1, "gas_limit": GAS_LIMIT, "timestamp": int(time.time()) - 10_000}
        self.chain = configuration.from_genesis(
            AtomicDB(), genesis, {key.public_key.to_canonical_address(): account for key in FUNDED}
        )
        self.pool = []
        self.seen = {}
        self.count = 0
        self.fault = None

    def head(self):
        return self.chain.get_canonical_head()

    def header(self, tag):
        if tag in ("latest", "pending", None):
            return self.head()
        if tag in ("safe", "finalized"):
            raise CallError(-39001, "this chain has no finalised block")
        if tag == "earliest":
            return self.chain.get_canonical_block_header_by_number(0)
        return self.chain.get_canonical_block_header_by_number(number(tag))

    def state(self, tag):
        return self.chain.get_vm(self.header(tag)).state

    # What is mined

    def decode(self, raw):
        return self.chain.get_vm().get_transaction_builder().decode(unhex(raw))

    def send(self, raw):
        transaction = self.decode(raw)
        transaction.validate()
        if not transaction.is_signature_valid:
            raise CallError(-32000, "invalid sender")
        if transaction.nonce < self.state("latest").get_nonce(transaction.sender):
            raise CallError(-32000, "nonce too low")
        if any(t.hash == transaction.hash for t in self.pool):
            raise CallError(-32000, "already known")
        self.pool.append(transaction)
        return hexbytes(transaction.hash)

    def mine(self):
        """A block of all transactions whose turn it is."""
        state, taken, next_nonces, gas = self.state("latest"), [], {}, 0
        for transaction in sorted(self.pool, key=lambda t: t.nonce):
            expected = next_nonces.get(transaction.sender, state.get_nonce(transaction.sender))
            if transaction.nonce != expected or gas + transaction.gas > GAS_LIMIT:
                continue
            next_nonces[transaction.sender] = expected + 1
            gas += transaction.gas
            taken.append(transaction)
        stale = [t for t in self.pool if t.nonce < state.get_nonce(t.sender)]
        self.pool = [t for t in self.pool if t not in taken and t not in stale]
        return self.mine_on(self.head(), taken)

    def mine_on(self, parent, transactions):
        """A block on any other. What a reorganisation throws out waits again, as at other nodes."""
        # Without a mark of their own, empty blocks on one parent would be one block.
        self.count += 1
        before = self.head()
        result = self.chain.mine_all(transactions, parent_header=parent, extra_data=b"%d" % self.count)
        self.seen |= {transaction.hash: transaction for transaction in transactions}
        if self.head().parent_hash == before.hash:
            return hexbytes(result[0].imported_block.hash)
        waiting = {transaction.hash for transaction in self.pool}
        for digest, transaction in self.seen.items():
            if digest not in waiting and not self.is_mined(digest):
                self.pool.append(transaction)
        return hexbytes(result[0].imported_block.hash)

    def place(self, digest):
        """Height and place of a transaction; None when it is in no block of the chain.

        py-evm's index still names the block of a transaction that a reorganisation has thrown out.
        """
        try:
            height, place = self.chain.chaindb.get_transaction_index(digest)
            header = self.chain.get_canonical_block_header_by_number(height)
        except (TransactionNotFound, HeaderNotFound):
            return None
        transactions = self.chain.get_block_by_header(header).transactions
        return (header, place) if place < len(transactions) and transactions[place].hash == digest else None

    def is_mined(self, digest):
        return self.place(digest) is not None

    # What is read

    def block(self, header):
        if header is None:
            return None
        fields = {
            "number": header.block_number, "difficulty": header.difficulty, "gasLimit": header.gas_limit,
            "gasUsed": header.gas_used, "timestamp": header.timestamp, "baseFeePerGas": header.base_fee_per_gas,
        }
        data = {
            "hash": header.hash, "parentHash": header.parent_hash, "sha3Uncles": header.uncles_hash,
            "stateRoot": header.state_root, "transactionsRoot": header.transaction_root,
            "receiptsRoot": header.receipt_root, "logsBloom": header.bloom.to_bytes(256, "big"),
            "extraData": header.extra_data, "mixHash": header.mix_hash, "nonce": header.nonce,
        }
        transactions = self.chain.get_block_by_header(header).transactions
        return (
            {name: hex(value) for name, value in fields.items()}
            | {name: hexbytes(value) for name, value in data.items()}
            | {"miner": to_checksum_address(header.coinbase), "uncles": []}
            | {"transactions": [hexbytes(transaction.hash) for transaction in transactions]}
        )

    def block_by_number(self, tag, _full=False):
        try:
            return self.block(self.header(tag))
        except HeaderNotFound:
            return None

    def block_by_hash(self, digest, _full=False):
        try:
            return self.block(self.chain.get_block_header_by_hash(unhex(digest)))
        except HeaderNotFound:
            return None

    def receipts(self, header):
        """All receipts of a block as JSON-RPC gives them."""
        block = self.chain.get_block_by_header(header)
        builder = self.chain.get_vm(header).get_receipt_builder()
        answers, gas, log_index = [], 0, 0
        for place, (transaction, receipt) in enumerate(
            zip(block.transactions, self.chain.chaindb.get_receipts(header, builder))
        ):
            common = {
                "transactionHash": hexbytes(transaction.hash), "transactionIndex": hex(place),
                "blockHash": hexbytes(header.hash), "blockNumber": hex(header.block_number),
            }
            logs = [
                common | {
                    "address": to_checksum_address(log.address), "data": hexbytes(log.data), "removed": False,
                    "topics": [hexbytes(topic.to_bytes(32, "big")) for topic in log.topics],
                    "logIndex": hex(log_index + offset),
                }
                for offset, log in enumerate(receipt.logs)
            ]
            log_index += len(logs)
            created = None
            if not transaction.to:
                created = to_checksum_address(keccak(rlp.encode([transaction.sender, transaction.nonce]))[12:])
            answers.append(
                common | {
                    "from": to_checksum_address(transaction.sender),
                    "to": to_checksum_address(transaction.to) if transaction.to else None,
                    "status": hex(int.from_bytes(receipt.state_root, "big")), "logs": logs,
                    "cumulativeGasUsed": hex(receipt.gas_used), "gasUsed": hex(receipt.gas_used - gas),
                    "logsBloom": hexbytes(receipt.bloom.to_bytes(256, "big")), "contractAddress": created,
                    "type": hex(getattr(transaction, "type_id", 0) or 0),
                }
            )
            gas = receipt.gas_used
        return answers

    def receipt(self, digest):
        found = self.place(unhex(digest))
        if found is None:
            return None
        header, place = found
        answer = self.receipts(header)[place]
        if self.fault == "receipt" and answer["logs"]:
            answer["logs"][0]["data"] = answer["logs"][0]["data"][:-2] + "ff"
        return answer

    def logs(self, query):
        if "blockHash" in query:
            header = self.chain.get_block_header_by_hash(unhex(query["blockHash"]))
            first = last = header.block_number
        else:
            first = self.header(query.get("fromBlock")).block_number
            last = min(number(query["toBlock"]), self.head().block_number) if "toBlock" in query else first
        if last - first > 1_000:
            raise CallError(-32005, "query returned more than 10000 results")
        found = []
        for height in range(first, last + 1):
            for receipt in self.receipts(self.chain.get_canonical_block_header_by_number(height)):
                found += [log for log in receipt["logs"] if matches(log, query)]
        return [] if self.fault == "no-logs" else found

    # What is tried

    def unsigned(self, call):
        sender = unhex(call.get("from", "0x" + "00" * 20))
        transaction = self.chain.create_unsigned_transaction(
            nonce=self.state("latest").get_nonce(sender), gas_price=0, gas=number(call["gas"]) if "gas" in call else GAS_LIMIT - 1_000_000,
            to=unhex(call["to"]) if call.get("to") else b"", value=number(call.get("value", "0x0")),
            data=unhex(call.get("data", call.get("input", "0x"))),
        )
        return SpoofTransaction(transaction, from_=sender)

    def call(self, call, tag="latest"):
        try:
            return hexbytes(self.chain.get_transaction_result(self.unsigned(call), self.header(tag)))
        except Revert as error:
            raise CallError(3, "execution reverted", hexbytes(error.args[0] if error.args else b"")) from error
        except VMError as error:
            raise CallError(-32000, str(error)) from error

    def estimate(self, call, tag="latest"):
        try:
            return hex(self.chain.estimate_gas(self.unsigned(call), self.header(tag)))
        except Revert as error:
            raise CallError(3, "execution reverted", hexbytes(error.args[0] if error.args else b"")) from error

    def nonce(self, account, tag="latest"):
        address = unhex(account)
        nonce = self.state(tag).get_nonce(address)
        if tag == "pending":
            while any(t.sender == address and t.nonce == nonce for t in self.pool):
                nonce += 1
        return hex(nonce)

    def create(self, code):
        """A transaction of the last funded account that makes a contract; the digest."""
        maker = FUNDED[-1]
        transaction = self.chain.create_unsigned_transaction(
            nonce=number(self.nonce(hexbytes(maker.public_key.to_canonical_address()), "pending")),
            gas_price=10 * TIP, gas=5_000_000, to=b"", value=0, data=unhex(code),
        ).as_signed_transaction(maker, chain_id=CHAIN_ID)
        self.pool.append(transaction)
        return hexbytes(transaction.hash)

    def set_fault(self, name):
        self.fault = name
        return name

    def drop(self):
        """Forgets what waits, as nodes do."""
        count = len(self.pool)
        for transaction in self.pool:
            self.seen.pop(transaction.hash, None)
        self.pool = []
        return count

    def methods(self):
        return {
            "eth_chainId": lambda: hex(CHAIN_ID),
            "eth_blockNumber": lambda: hex(self.head().block_number),
            "eth_gasPrice": lambda: hex((self.head().base_fee_per_gas or 0) + TIP),
            "eth_maxPriorityFeePerGas": lambda: hex(TIP),
            "eth_getBlockByNumber": self.block_by_number,
            "eth_getBlockByHash": self.block_by_hash,
            "eth_getTransactionReceipt": self.receipt,
            "eth_getLogs": self.logs,
            "eth_getTransactionCount": self.nonce,
            "eth_getBalance": lambda a, tag="latest": hex(self.state(tag).get_balance(unhex(a))),
            "eth_getCode": lambda a, tag="latest": hexbytes(self.state(tag).get_code(unhex(a))),
            "eth_call": self.call,
            "eth_estimateGas": self.estimate,
            "eth_sendRawTransaction": self.send,
            "evm_mine": self.mine,
            "dev_mineOn": lambda parent, raws: self.mine_on(
                self.chain.get_block_header_by_hash(unhex(parent)), [self.decode(raw) for raw in raws]
            ),
            "dev_drop": self.drop,
            "dev_fault": self.set_fault,
            "dev_funded": lambda: [key.to_hex() for key in FUNDED],
            "dev_waiting": lambda: len(self.pool),
            "dev_create": self.create,
        }


def matches(log, query):
    wanted = query.get("address")
    addresses = [wanted] if isinstance(wanted, str) else wanted or []
    if addresses and log["address"].lower() not in [address.lower() for address in addresses]:
        return False
    for place, topic in enumerate(query.get("topics", [])):
        choices = [topic] if isinstance(topic, str) else topic
        if choices is not None and (place >= len(log["topics"]) or log["topics"][place] not in choices):
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18546)
    parser.add_argument("--block-seconds", type=float, default=0, help="0: only when told")
    arguments = parser.parse_args()
    node = Node()
    if arguments.block_seconds:
        threading.Thread(target=mine_in_time, args=(arguments,), daemon=True).start()
    rpc.serve(arguments.port, node.methods())


def mine_in_time(arguments):
    """Asks the node for a block again and again, by the same door as everybody."""
    import json
    import urllib.request

    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "evm_mine", "params": []}).encode()
    while True:
        time.sleep(arguments.block_seconds)
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{arguments.port}", body, {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request, timeout=60).read()
        except OSError:
            pass


if __name__ == "__main__":
    main()
