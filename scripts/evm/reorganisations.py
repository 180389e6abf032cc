"""Blocks that go away: what was in them is read once, or never."""

from evm.messages import NORTH
from evm.reading import prove, send, verify
from evm.rig import DEPTH


def run(rig):
    rig.part(a_message_moves)
    rig.part(a_message_vanishes)
    rig.part(finality_breaks)


def branch(rig, height, count):
    """So many empty blocks on a block; the chain is theirs if they are more."""
    digest = rig.block(hex(height))["hash"]
    for _ in range(count):
        digest = rig.rpc("dev_mineOn", digest, [])
    return digest


def own(leaves, payer):
    return [leaf[0] for leaf in leaves if leaf[0].startswith(payer.service)]


def a_message_moves(rig):
    payer = rig.payers[0]
    rig.mine(DEPTH)
    _, cursor = prove(rig, "before")
    rig.mining.set()
    identifier, height = send(rig, payer)
    rig.mining.clear()
    height = int(height)
    leaves, after = prove(rig, "young", *cursor)
    rig.check("a young block is not read", own(leaves, payer) == [])
    tip = branch(rig, height - 1, 2)
    rig.check("the chain is another one", rig.block()["hash"] == tip)
    rig.mine(1)
    rig.check("the message is in a later block", rig.height() > height)
    rig.mine(DEPTH)
    leaves, end = prove(rig, "moved", *after)
    rig.check("it is read once", own(leaves, payer) == [identifier], leaves)
    rig.check("in its new block", int(leaves[0][2]) > height)
    rig.check("and proven", verify(rig, leaves[0]).returncode == 0)
    leaves, _ = prove(rig, "later", *end)
    rig.check("and not again", leaves == [])
    leaves, _ = prove(rig, "all")
    rig.check("from the beginning on it is there once", own(leaves, payer).count(identifier) == 1)


def a_message_vanishes(rig):
    payer = rig.payers[0]
    rig.mine(DEPTH)
    _, cursor = prove(rig, "before2")
    rig.mining.set()
    identifier, height = send(rig, payer, "--argument", "aa")
    rig.mining.clear()
    branch(rig, int(height) - 1, 2)
    rig.rpc("dev_drop")
    rig.mine(DEPTH)
    leaves, cursor = prove(rig, "gone", *cursor)
    rig.check("what vanished is never read", leaves == [], leaves)
    rig.mining.set()
    again, _ = send(rig, payer, "--argument", "bb")
    rig.mining.clear()
    rig.check("its index is free", again == identifier, again)
    rig.mine(DEPTH)
    leaves, _ = prove(rig, "second", *cursor)
    rig.check("the index is read once", own(leaves, payer) == [identifier])
    with open(leaves[0][5].replace(".wlep", ".ibtp"), "rb") as file:
        rig.check("with what counts", b"\xbb" in file.read())


def finality_breaks(rig):
    rig.mine(DEPTH + 2)
    _, (height, digest) = prove(rig, "deep")
    branch(rig, height - 1, rig.height() - height + 3)
    result = rig.run(
        "prove", "--chain", "1356:evm", "--depth", DEPTH, "--since", height, "--since-hash", digest,
        "--output-directory", rig.folder / "broken",
    )
    rig.refused("a final block that goes away is told", result, f"block {height} was final")
    rig.mining.set()
