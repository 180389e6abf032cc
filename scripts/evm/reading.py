"""What leaves a chain: messages are sent, proven, and verified with nobody asked."""

import random
from concurrent.futures import ThreadPoolExecutor

from evm.messages import NORTH, fields
from evm.rig import DEPTH, LONDON


def run(rig):
    rig.part(messages_are_proven, rig.messages)
    rig.part(pages_and_cursors)
    rig.part(names_are_checked)
    if rig.kind is LONDON:
        rig.part(many_in_one_block)
        rig.part(a_lying_node)


def prove(rig, folder, since=0, since_hash=None, depth=DEPTH, page=200):
    """Leaves of final blocks, and the cursor behind them."""
    cursor = ["--since", since, *(["--since-hash", since_hash] if since_hash else [])]
    lines = rig.wardline(
        "prove", "--chain", "1356:evm", "--depth", depth, "--page-blocks", page, *cursor,
        "--output-directory", rig.folder / folder,
    )
    height, digest = lines.pop()[1:]
    return lines, (int(height), digest)


def verify(rig, leaf, **changes):
    _, _, height, digest, root, path = leaf
    values = {"proof": path, "height": height, "block-hash": digest, "receipts-root": root} | changes
    options = [word for name, value in values.items() for word in ("--" + name, value)]
    return rig.run("verify", *options, node=False)


def send(rig, key, *options):
    return rig.wardline("send", "--key", key.path, "--to", NORTH, "--function", "ask", *options)[0]


def messages_are_proven(rig, count):
    payer = rig.payers[0]
    for place in range(count):
        identifier, _ = send(rig, payer, "--argument", f"{place:02x}", "--timeout-height", 50, "--extra", "abcd")
        rig.check("the broker counts", identifier == f"{payer.service}-{NORTH}-{place + 1}", identifier)
    early, _ = prove(rig, "early", depth=1_000)
    rig.check("nothing is read before it is final", early == [])
    rig.rpc("evm_mine")
    rig.mine(DEPTH)
    leaves, _ = prove(rig, "first")
    rig.check("every message is there once", [leaf[0] for leaf in leaves] == [
        f"{payer.service}-{NORTH}-{place + 1}" for place in range(count)
    ])
    for place, leaf in enumerate(leaves):
        # What the node itself says of the block is the anchor, as verification nodes would certify it.
        block = rig.block(hex(int(leaf[2])))
        rig.check("the block is the node's", block["hash"] == "0x" + leaf[3] and block["receiptsRoot"] == "0x" + leaf[4])
        rig.check("the proof verifies", verify(rig, leaf).returncode == 0)
        with open(leaf[5].replace(".wlep", ".ibtp"), "rb") as file:
            message = fields(file.read())
        content = fields(fields(message[7])[2])
        said = (message[1].decode(), message[2].decode(), message[3], message.get(4, 0), message[5], message[10])
        expected = (payer.service, NORTH, place + 1, 0, 50, b"\xab\xcd")
        rig.check("another reader finds the same message", said == expected and content[2] == bytes([place]), said)
    damaged_proofs(rig, leaves[-1])


def damaged_proofs(rig, leaf):
    generator = random.Random(1)
    with open(leaf[5], "rb") as file:
        good = file.read()
    for place in generator.sample(range(len(good)), 12):
        path = rig.folder / "damaged.wlep"
        damaged = bytearray(good)
        damaged[place] ^= 1 << generator.randrange(8)
        path.write_bytes(damaged)
        rig.check(f"a proof with another byte {place} is refused", verify(rig, leaf, proof=path).returncode != 0)
    other = "11" * 32
    for changes in ({"height": int(leaf[2]) + 1}, {"block-hash": other}, {"receipts-root": other}):
        rig.check("another block is refused", verify(rig, leaf, **changes).returncode != 0)


def pages_and_cursors(rig):
    whole, end = prove(rig, "whole")
    small, same = prove(rig, "small", page=1)
    rig.check("the size of pages changes nothing", whole and [l[:5] for l in whole] == [l[:5] for l in small])
    rig.check("both end at one block", end == same)
    rest, _ = prove(rig, "rest", *end)
    rig.check("what was read is not read again", rest == [])
    last = whole[-1]
    before = rig.block(hex(int(last[2]) - 1))
    again, _ = prove(rig, "again", int(last[2]) - 1, before["hash"])
    rig.check("an older cursor gives the later ones", again and [l[0] for l in again][-1] == last[0])


def names_are_checked(rig):
    payer = rig.payers[0]
    for name in ("1356:evm:0x" + "00" * 20,):
        result = rig.run("send", "--key", payer.path, "--to", name, "--function", "ask")
        rig.refused("a message to its own chain is refused", result, "says no|failed")
    result = rig.run("send", "--key", payer.path, "--to", NORTH, "--function", "with space")
    rig.refused("a function that is no name is refused", result, "says no|failed")


def many_in_one_block(rig):
    rig.mining.clear()
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(send, rig, key) for key in rig.payers[1:]]
        while rig.rpc("dev_waiting") < 4:
            pass
        rig.mining.set()
        sent = [future.result() for future in running]
    rig.check("all are in one block", len({height for _, height in sent}) == 1, sent)
    rig.mine(DEPTH)
    leaves, _ = prove(rig, "many")
    found = [leaf for leaf in leaves if leaf[2] == sent[0][1]]
    rig.check("all are read", sorted(l[0] for l in found) == sorted(identifier for identifier, _ in sent))
    rig.check("each has its own place", [l[5].split("-")[-1] for l in found] == [f"{i}.wlep" for i in range(4)])
    for leaf in found:
        rig.check("a proof among several transactions verifies", verify(rig, leaf).returncode == 0)


def a_lying_node(rig):
    truth, _ = prove(rig, "truth")
    rig.rpc("dev_fault", "no-logs")
    found, _ = prove(rig, "forgetful")
    rig.check("logs that the node forgets are found", [l[0] for l in found] == [l[0] for l in truth])
    rig.rpc("dev_fault", "receipt")
    options = ["--chain", "1356:evm", "--depth", DEPTH, "--output-directory", rig.folder / "lies"]
    rig.refused("a receipt that is not the block's is noticed", rig.run("prove", *options), "contradicts")
    rig.rpc("dev_fault", None)
