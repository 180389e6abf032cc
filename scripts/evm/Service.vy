# pragma version ==0.4.3
# pragma evm-version london
"""
@title A service for tests: does what it is told, and remembers it
"""

broker: public(address)
calls: public(uint256)
undone: public(uint256)
closed: public(uint256)
lastStatus: public(uint64)


@deploy
def __init__(broker: address):
    self.broker = broker


@external
def onInterchain(
    source: String[194], index: uint64, func: String[64], args: DynArray[Bytes[8192], 4], encrypted: bool, undo: bool,
) -> (bool, Bytes[2048]):
    assert msg.sender == self.broker, "broker only"
    if undo:
        self.undone += 1
        return True, b""
    assert func != "revert", "as told"
    if func == "burn":
        for i: uint256 in range(1_000_000):
            self.calls += 1
    if func == "refuse":
        return False, b"no"
    self.calls += 1
    return True, slice(concat(b"did ", slice(args[0], 0, 4)), 0, 8)


@external
def onReceipt(
    destination: String[194], index: uint64, status: uint64, results: DynArray[Bytes[8192], 4], encrypted: bool,
):
    assert msg.sender == self.broker, "broker only"
    self.closed += 1
    self.lastStatus = status


@external
def ask(destination: String[194], timeoutHeight: uint64) -> uint64:
    return convert(
        raw_call(
            self.broker,
            abi_encode(
                destination, "ask", empty(DynArray[Bytes[32], 1]), timeoutHeight, b"",
                method_id=method_id("emitInterchain(string,string,bytes[],uint64,bytes)"),
            ),
            max_outsize=32,
        ),
        uint64,
    )
