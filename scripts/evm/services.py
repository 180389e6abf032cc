"""Services that are contracts: called, undone and told, whatever they do."""

from eth_abi import decode
from eth_utils import keccak

from evm.deliveries import ENOUGH, attest, deliver, in_order, outcome
from evm.messages import HUB, NORTH, Message
from evm.reading import prove
from evm.rig import DEPTH


def run(rig):
    rig.part(contracts_are_called)


def contracts_are_called(rig):
    service = rig.contract("Service.vy", rig.broker.lower())
    name = f"{HUB}:evm:{service}"
    steps = [
        ("do", "receiptSuccess"), ("refuse", "receiptFailure"), ("revert", "receiptFailure"),
        ("burn", "receiptFailure"), ("do", "receiptSuccess"),
    ]
    for index, (function, _) in enumerate(steps, 1):
        message = Message(NORTH, name, index, function=function, arguments=[b"1234"])
        result = deliver(rig, message, "begin", attest(rig, message, "begin", ENOUGH))
        rig.check(f"{function} is delivered", outcome(result) == "delivered", result.stdout + result.stderr)
    rig.check("what succeeded was done", read(rig, service, "calls()") == 2, read(rig, service, "calls()"))
    for index, done in ((1, 1), (2, 1), (5, 2)):
        message = Message(NORTH, name, index, function=steps[index - 1][0], arguments=[b"1234"])
        result = deliver(rig, message, "begin-rollback", attest(rig, message, "begin-rollback", ENOUGH))
        rig.check("a call is undone", outcome(result) == "delivered", result.stdout + result.stderr)
        rig.check("only what was done is undone", read(rig, service, "undone()") == done)
    rig.mine(DEPTH + 1)
    leaves, _ = prove(rig, "services")
    kinds = [leaf[1] for leaf in leaves if leaf[0].startswith(f"{NORTH}-{name}-")]
    rig.check("each call is answered", kinds == [kind for _, kind in steps] + ["receiptRollback"] * 3, kinds)
    shown = dict(rig.wardline("status", "--depth", DEPTH, "--from", NORTH, "--to", name))
    rig.check("the undone are counted", (shown["received"], shown["undone"]) == ("5", "2"), shown)
    message = Message(NORTH, name, 6, function="do", arguments=[b"1234"])
    forged = in_order(rig, ENOUGH, attest(rig, message, "begin", ENOUGH))
    other = Message(NORTH, name.replace("0x", "0X"), 6, function="do", arguments=[b"1234"])
    rig.refused("a name has one spelling", deliver(rig, other, "begin", forged, "--blindly"), "says no|failed")


def read(rig, contract, function):
    call = {"to": contract, "data": "0x" + keccak(function.encode())[:4].hex()}
    return decode(["uint256"], bytes.fromhex(rig.rpc("eth_call", call, "latest")[2:]))[0]
