"""The set of attesters is replaced by those who are in it, and by nobody else."""

from evm.deliveries import ENOUGH, attest, deliver, outcome
from evm.messages import NORTH, Message
from evm.rig import Rig

# Another member of the core and another of the board; the third of the core leaves.
NEXT = (0, 1, 5, 3, 6)
GROUPS = ["core", "core", "core", "ethics", "ethics"]


def run(rig):
    rig.part(sets_are_rotated)


def options(rig, places):
    members = Rig.members([rig.attesters[place] for place in places], GROUPS)
    return ["--group", "core=2", "--group", "ethics=2", "--threshold", "4", *members]


def rotate(rig, places, signers):
    signatures = [
        rig.wardline("rotate", "--sign", "--key", rig.attesters[signer].path, *options(rig, places))[0][0]
        for signer in signers
    ]
    words = [word for signature in signatures for word in ("--signature", signature)]
    return rig.run("rotate", "--key", rig.payers[0].path, *options(rig, places), *words)


def sets_are_rotated(rig):
    name = "1356:evm:" + rig.attesters[0].address.lower()
    message = Message(NORTH, name, 1)
    before = attest(rig, message, "begin", ENOUGH)
    rig.refused("a set without its board changes nothing", rotate(rig, NEXT, (0, 1, 2)), "says no|failed")
    rig.refused("strangers change nothing", rotate(rig, NEXT, (0, 1, 3, 5)), "says no|failed")
    result = rotate(rig, NEXT, ENOUGH)
    rig.check("the old set certifies the new one", result.stdout == "epoch 2\n", result.stdout + result.stderr)
    rig.epoch = 2
    rig.check("the contract says so", dict(rig.wardline("status"))["epoch"] == "2")
    rig.refused("what was signed before is stale", deliver(rig, message, "begin", before), "stale")
    one = attest(rig, message, "begin", (0, 1, 5, 3))
    rig.refused("the new policy counts", deliver(rig, message, "begin", one), "missing")
    old = attest(rig, message, "begin", (0, 1, 2, 3, 6))
    rig.refused("who has left counts no more", deliver(rig, message, "begin", old), "stale")
    new = attest(rig, message, "begin", (0, 5, 3, 6))
    rig.check("the new set is believed", outcome(deliver(rig, message, "begin", new)) == "delivered")
