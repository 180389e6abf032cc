"""What is brought to a chain, and what its broker refuses."""

from eth_abi import encode
from eth_utils import keccak

from evm.messages import NORTH, Message
from evm.reading import prove, send, verify
from evm.rig import DEPTH, RefusedCall

ENOUGH = (0, 1, 2, 3)


def run(rig):
    rig.part(requests_are_taken_once)
    rig.part(the_contract_checks_payloads)
    rig.part(requests_are_undone)
    rig.part(answers_close_exchanges)
    rig.part(counters_are_shown)


def attest(rig, message, status, signers, request_hash=None, **changes):
    """Signatures of attesters, by their places."""
    values = {"chain-id": rig.chain_id, "epoch": rig.epoch} | changes
    options = [word for name, value in values.items() for word in ("--" + name, value)]
    options += ["--message", message.write(rig.folder), "--status", status]
    options += ["--request-hash", request_hash.hex()] if request_hash else []
    return [
        rig.wardline("attest", "--key", rig.attesters[signer].path, *options, node=False)[0][0] for signer in signers
    ]


def deliver(rig, message, status, signatures, *flags, request_hash=None):
    options = ["--message", message.write(rig.folder), "--status", status, "--chain", "1356:evm"]
    options += ["--request-hash", request_hash.hex()] if request_hash else []
    options += [word for signature in signatures for word in ("--signature", signature)]
    return rig.run("deliver", "--key", rig.payers[0].path, *options, *flags)


def outcome(result):
    """The first word that a delivery ended with."""
    return result.stdout.split("\t")[0].strip() or result.stderr


def request(rig, index, **parts):
    return Message(NORTH, rig.payers[0].service, index, **parts)


def requests_are_taken_once(rig):
    first, second = request(rig, 1), request(rig, 2)
    for name, signers, word in (
        ("a missing subgroup", (0, 1, 2), "missing"), ("too few signers", (0, 1, 3), "few"),
        ("a stranger", (0, 1, 2, 3, 5), "stale"), ("nobody", (), "Missing|missing"),
    ):
        signatures = attest(rig, first, "begin", signers)
        rig.refused(f"{name} does not suffice", deliver(rig, first, "begin", signatures), word)
        if signatures:
            result = deliver(rig, first, "begin", in_order(rig, signers, signatures), "--blindly")
            rig.refused(f"{name} does not suffice for the contract", result, "says no|failed")
    signatures = attest(rig, first, "begin", (0, 1, 3))
    twice = in_order(rig, (0, 1, 3), signatures)
    result = deliver(rig, first, "begin", [twice[0], *twice], "--blindly")
    rig.refused("a signature does not count twice", result, "says no|failed")
    good = in_order(rig, ENOUGH, attest(rig, first, "begin", ENOUGH))
    result = deliver(rig, first, "begin", list(reversed(good)), "--blindly")
    rig.refused("the contract wants its signers in order", result, "says no|failed")
    for changes in ({"chain-id": rig.chain_id + 1}, {"epoch": rig.epoch + 1}):
        foreign = attest(rig, first, "begin", ENOUGH, **changes)
        rig.refused("what is signed for another broker is worthless", deliver(rig, first, "begin", foreign), "stale")
    later = attest(rig, second, "begin", ENOUGH)
    result = deliver(rig, second, "begin", later)
    rig.check("a later index waits", outcome(result) == "gap" and result.stdout.split() == ["gap", "1"], result.stdout)
    result = deliver(rig, second, "begin", in_order(rig, ENOUGH, later), "--blindly")
    rig.refused("a later index waits for the contract too", result, "says no|failed")
    result = deliver(rig, request(rig, 1, arguments=[b"other"]), "begin", good)
    rig.refused("another message than was signed is refused", result, "stale|refused")
    moved = request(rig, 1, arguments=[b"firstsecond", b""])
    rig.check("the payload's hash is blind to where arguments end", moved.payload_hash == first.payload_hash)
    rig.refused("the attesters' digest is not", deliver(rig, moved, "begin", good), "stale")
    rig.refused("the contract is not", deliver(rig, moved, "begin", good, "--blindly"), "says no|failed")
    rig.check("a request is delivered", outcome(deliver(rig, first, "begin", good)) == "delivered")
    rig.check("again it is there", outcome(deliver(rig, first, "begin", good)) == "already-there")
    rig.refused("the contract takes it once", deliver(rig, first, "begin", good, "--blindly"), "says no|failed")
    rig.check("then comes the next", outcome(deliver(rig, second, "begin", later)) == "delivered")
    finish(rig, 1, "--result", "d0d0")
    rig.refused("an answer is given once", rig.run(*finishing(rig, 1)), "says no|failed")
    rig.mine(DEPTH + 1)
    leaves, _ = prove(rig, "answers")
    found = [leaf for leaf in leaves if leaf[1] == "receiptSuccess"]
    said = verify(rig, found[-1]).stdout.split()
    rig.check("the answer names its request", said[0] == found[-1][0] and said[3] == first.hash.hex(), said)


def in_order(rig, signers, signatures):
    pairs = zip((rig.attesters[signer].address.lower() for signer in signers), signatures)
    return [signature for _, signature in sorted(pairs)]


def finishing(rig, index, *options):
    return ["finish", "--key", rig.payers[0].path, "--from", NORTH, "--index", index, *options]


def finish(rig, index, *options):
    return rig.wardline(*finishing(rig, index, *options))


def the_contract_checks_payloads(rig):
    """Called by hand, since the program sends no such thing."""
    message = request(rig, 3)
    types = "string,string,uint64,uint64,bytes32,bool,string,bytes[],bytes32,bytes[]"
    selector = keccak(f"invokeInterchain({types})".encode())[:4]
    for payload_hash, word in ((message.payload_hash, "too few signers"), (b"\1" * 32, "payload hash")):
        values = [
            message.source, message.destination, 3, 0, message.hash, False, "do", message.arguments, payload_hash, [],
        ]
        call = {"to": rig.broker.lower(), "data": "0x" + (selector + encode(types.split(","), values)).hex()}
        try:
            rig.rpc("eth_call", call, "latest")
            rig.check(f"the contract says: {word}", False)
        except RefusedCall as refusal:
            # One of the nodes shows the reason as data, the other in its text.
            rig.check(f"the contract says: {word}", word in str(refusal) or str(refusal) == "execution reverted")


def requests_are_undone(rig):
    """At the destination: after it was carried out, before it came, and once."""
    first = request(rig, 1)
    signatures = attest(rig, first, "begin-rollback", ENOUGH)
    rig.check("a request is undone", outcome(deliver(rig, first, "begin-rollback", signatures)) == "delivered")
    result = deliver(rig, first, "begin-rollback", signatures)
    rig.check("it is undone once", outcome(result) == "already-there", result.stdout)
    third = request(rig, 3)
    signatures = attest(rig, third, "begin-failure", ENOUGH)
    rig.check("one that never came is void", outcome(deliver(rig, third, "begin-failure", signatures)) == "delivered")
    late = attest(rig, third, "begin", ENOUGH)
    rig.check("what is void is not taken", outcome(deliver(rig, third, "begin", late)) == "already-there")
    rig.refused("nor by the contract", deliver(rig, third, "begin", in_order(rig, ENOUGH, late), "--blindly"), "no|failed")
    large = request(rig, 4, arguments=[b"x"] * 5)
    options = ["--chain-id", rig.chain_id, "--epoch", rig.epoch, "--message", large.write(rig.folder), "--status", "begin"]
    result = rig.run("attest", "--key", rig.attesters[0].path, *options, node=False)
    rig.refused("nobody vouches for a request that the contract cannot hold", result, "4 are allowed")
    signatures = attest(rig, large, "begin-failure", ENOUGH)
    result = deliver(rig, large, "begin-failure", signatures)
    rig.check("its index passes, without its content", outcome(result) == "delivered", result.stdout + result.stderr)
    rig.refused("nobody answers what was undone", rig.run(*finishing(rig, 1)), "says no|failed")
    rig.mine(DEPTH + 1)
    leaves, _ = prove(rig, "undone")
    kinds = [leaf[1] for leaf in leaves if leaf[0].startswith(NORTH)]
    rig.check("each is answered in its way", kinds == ["receiptSuccess", "receiptRollback", "receiptFailure", "receiptFailure"], kinds)


def answers_close_exchanges(rig):
    payer = rig.payers[0]
    earlier, index = (int(send(rig, payer)[0].split("-")[-1]) for _ in range(2))
    request_hash = b"\7" * 32
    good = Message(payer.service, NORTH, index, kind=1, results=[b"yes"])
    for message, status in ((good, "failure"), (Message(payer.service, NORTH, index, kind=2), "success")):
        result = deliver(rig, message, status, ["00" * 65], request_hash=request_hash)
        rig.refused("type and status must fit", result, "CONTEXT")
    unknown = Message(payer.service, NORTH, index + 9, kind=1)
    signatures = attest(rig, unknown, "success", ENOUGH, request_hash)
    result = deliver(rig, unknown, "success", signatures, request_hash=request_hash)
    rig.refused("an answer to nothing is refused", result, "refused")
    result = deliver(rig, unknown, "success", in_order(rig, ENOUGH, signatures), "--blindly", request_hash=request_hash)
    rig.refused("also by the contract", result, "says no|failed")
    signatures = attest(rig, good, "success", ENOUGH, request_hash)
    result = deliver(rig, good, "success", signatures, request_hash=request_hash)
    rig.check("an answer closes its exchange", outcome(result) == "delivered", result.stdout)
    result = deliver(rig, good, "success", signatures, request_hash=request_hash)
    rig.check("it is closed once", outcome(result) == "already-there")
    result = deliver(rig, good, "success", in_order(rig, ENOUGH, signatures), "--blindly", request_hash=request_hash)
    rig.refused("by the contract too", result, "says no|failed")
    # The time is up: there is no answer, and an earlier index may close later.
    late = Message(payer.service, NORTH, earlier, kind=3)
    signatures = attest(rig, late, "begin-rollback", ENOUGH, request_hash)
    result = deliver(rig, late, "begin-rollback", signatures, request_hash=request_hash)
    rig.check("an exchange without an answer ends", outcome(result) == "delivered", result.stdout + result.stderr)


def counters_are_shown(rig):
    rig.mine(DEPTH)
    payer = rig.payers[0].service
    shown = dict(rig.wardline("status", "--depth", DEPTH, "--from", payer, "--to", NORTH))
    rig.check("what was asked is counted", shown["closed"] == "2" and int(shown["sent"]) >= 2, shown)
    shown = dict(rig.wardline("status", "--depth", DEPTH, "--from", NORTH, "--to", payer))
    rig.check("what was taken is counted", (shown["received"], shown["undone"]) == ("4", "1"), shown)
