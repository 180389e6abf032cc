# pragma version ==0.4.3
# pragma evm-version london
"""
@title Broker of one chain's exchanges with a relay chain
@notice Counts what services of this chain ask and are asked, exactly once, and believes what a relay chain's attesters
        sign. The set of attesters given at deployment certifies the next one; nobody else can change anything.
@dev    Names, counters, digests and events are specified in docs/spec/evm.md and read by module EVMProofs.
"""

# A name is hub:chain:service with parts of 1 to 64 bytes; here a service is an account, "0x" and 40 digits.
NAME_MAX: constant(uint256) = 194
PREFIX_MAX: constant(uint256) = 130
FUNCTION_MAX: constant(uint256) = 64
ARGUMENTS_MAX: constant(uint256) = 4
ARGUMENT_MAX: constant(uint256) = 8192
EXTRA_MAX: constant(uint256) = 2560
GROUPS_MAX: constant(uint256) = 8
SIGNERS_MAX: constant(uint256) = 64
# What a called service may answer: a flag, an offset, a length and the bytes.
RESULT_MAX: constant(uint256) = 2048
RESPONSE_MAX: constant(uint256) = 2144

# Types of messages and states of exchanges (bitxhub-model v2).
REQUEST: constant(uint64) = 0
RECEIPT_SUCCESS: constant(uint64) = 1
RECEIPT_FAILURE: constant(uint64) = 2
RECEIPT_ROLLBACK: constant(uint64) = 3
BEGIN: constant(uint64) = 0
BEGIN_FAILURE: constant(uint64) = 1
BEGIN_ROLLBACK: constant(uint64) = 2
SUCCESS: constant(uint64) = 3
ROLLBACK: constant(uint64) = 5

# How far one exchange is here; 0: never heard of.
PENDING: constant(uint256) = 1
SUCCEEDED: constant(uint256) = 2
FAILED: constant(uint256) = 3
UNDONE: constant(uint256) = 4

# Half of the order of secp256k1: the other half of signatures are the same ones again.
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168
# Gas that is left to finish with after a service was called.
RESERVE: constant(uint256) = 150_000

# A service that is a contract has two functions. The first does what it is asked, or undoes it; its answer is whether it
# succeeded, and one result. The second hears how an exchange of its own has ended.
#   onInterchain(string source, uint64 index, string func, bytes[] args, bool encrypted, bool undo)
#       returns (bool, bytes)
#   onReceipt(string destination, uint64 index, uint64 status, bytes[] results, bool encrypted)

# A service of this chain asks one of another; `pair` is the digest of "source-destination".
event ThrowInterchain:
    pair: indexed(bytes32)
    index: uint64
    source: String[NAME_MAX]
    destination: String[NAME_MAX]
    timeoutHeight: uint64
    encrypted: bool
    func: String[FUNCTION_MAX]
    args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX]
    payloadHash: bytes32
    extra: Bytes[EXTRA_MAX]

# How a service of this chain answered.
event ThrowReceipt:
    pair: indexed(bytes32)
    index: uint64
    source: String[NAME_MAX]
    destination: String[NAME_MAX]
    typ: uint64
    requestHash: bytes32
    results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX]
    payloadHash: bytes32

# A request that an account without code has to answer itself, with `finish`.
event Delivered:
    pair: indexed(bytes32)
    index: uint64
    requestHash: bytes32

# An exchange of a service of this chain is over.
event Closed:
    pair: indexed(bytes32)
    index: uint64
    status: uint64

event Rotated:
    epoch: uint64

hubName: public(immutable(String[64]))
chainName: public(immutable(String[64]))
# Gas that a called service gets, neither more nor less.
serviceGas: public(immutable(uint256))
PREFIX: immutable(String[PREFIX_MAX])

outCounter: public(HashMap[bytes32, uint64])
inCounter: public(HashMap[bytes32, uint64])
callbackCounter: public(HashMap[bytes32, uint64])
dstRollbackCounter: public(HashMap[bytes32, uint64])
inboundOutcome: public(HashMap[bytes32, HashMap[uint64, uint256]])
outboundOutcome: public(HashMap[bytes32, HashMap[uint64, uint256]])
requestHash: public(HashMap[bytes32, HashMap[uint64, bytes32]])

epoch: public(uint64)
# Signatures in all, and of each privileged subgroup.
threshold: public(uint256)
groupThresholds: DynArray[uint256, GROUPS_MAX]
# By epoch: the place of the signer's subgroup, plus one.
groupOfSigner: HashMap[uint64, HashMap[address, uint256]]


@deploy
def __init__(
    hub: String[64], name: String[64], gasOfServices: uint256, total: uint256,
    thresholds: DynArray[uint256, GROUPS_MAX], signers: DynArray[address, SIGNERS_MAX],
    groups: DynArray[uint256, SIGNERS_MAX],
):
    hubName = hub
    chainName = name
    serviceGas = gasOfServices
    prefix: String[PREFIX_MAX] = concat(hub, ":", name, ":")
    # With a service that has a good name the whole is one only if hub and chain are.
    assert self._isName(concat(prefix, "x")), "no name"
    PREFIX = prefix
    self._install(total, thresholds, signers, groups)


# ---- Out -----------------------------------------------------------------------------------------------------------

@external
def emitInterchain(
    destination: String[NAME_MAX], func: String[FUNCTION_MAX],
    args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX], timeoutHeight: uint64, extra: Bytes[EXTRA_MAX],
) -> uint64:
    """
    @notice Asks a service of another chain in the caller's name.
    @return The index of the exchange between the two.
    """
    assert self._isPrintable(func), "no function"
    return self._emit(destination, False, func, args, self._requestPayloadHash(func, args), timeoutHeight, extra)


@external
def emitEncrypted(
    destination: String[NAME_MAX], ciphertext: Bytes[ARGUMENT_MAX], payloadHash: bytes32, timeoutHeight: uint64,
    extra: Bytes[EXTRA_MAX],
) -> uint64:
    """
    @notice Asks with a content that only the destination can read; the hash is of the plain function and arguments.
    """
    assert len(ciphertext) > 0, "no content"
    return self._emit(destination, True, "", [ciphertext], payloadHash, timeoutHeight, extra)


@internal
def _emit(
    destination: String[NAME_MAX], encrypted: bool, func: String[FUNCTION_MAX],
    args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX], payloadHash: bytes32, timeoutHeight: uint64,
    extra: Bytes[EXTRA_MAX],
) -> uint64:
    assert self._isName(destination) and not self._isHere(destination), "no destination"
    assert timeoutHeight < 2**63, "no height"
    source: String[NAME_MAX] = self._nameOf(msg.sender)
    pair: bytes32 = self._pair(source, destination)
    index: uint64 = self.outCounter[pair] + 1
    self.outCounter[pair] = index
    self.outboundOutcome[pair][index] = PENDING
    log ThrowInterchain(
        pair=pair, index=index, source=source, destination=destination, timeoutHeight=timeoutHeight,
        encrypted=encrypted, func=func, args=args, payloadHash=payloadHash, extra=extra,
    )
    return index


@external
@nonreentrant
def invokeReceipt(
    source: String[NAME_MAX], destination: String[NAME_MAX], index: uint64, typ: uint64, status: uint64,
    hashOfRequest: bytes32, encrypted: bool, results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX],
    payloadHash: bytes32, signatures: DynArray[Bytes[65], SIGNERS_MAX],
):
    """
    @notice Ends an exchange at its source, once, in any order of indices.
    """
    assert self._isHere(source), "another chain"
    assert RECEIPT_SUCCESS <= typ and typ <= RECEIPT_ROLLBACK and BEGIN < status and status <= ROLLBACK, "wrong type"
    assert (typ == RECEIPT_SUCCESS) == (status == SUCCESS), "wrong status"
    assert encrypted or self._resultHash(results) == payloadHash, "payload hash"
    pair: bytes32 = self._pair(source, destination)
    outcome: uint256 = self.outboundOutcome[pair][index]
    assert outcome != 0, "unknown request"
    assert outcome == PENDING, "index exists"
    self._checkAttested(
        source, destination, index, typ, status, hashOfRequest, payloadHash,
        keccak256(abi_encode(encrypted, results)), signatures,
    )
    self.callbackCounter[pair] += 1
    self.outboundOutcome[pair][index] = SUCCEEDED if status == SUCCESS else FAILED
    log Closed(pair=pair, index=index, status=status)
    service: address = self._account(source)
    if service.is_contract:
        self._checkGas()
        # What the service makes of it is its own affair.
        ok: bool = raw_call(
            service,
            abi_encode(
                destination, index, status, results, encrypted,
                method_id=method_id("onReceipt(string,uint64,uint64,bytes[],bool)"),
            ),
            gas=serviceGas, revert_on_failure=False,
        )


# ---- In ------------------------------------------------------------------------------------------------------------

@external
@nonreentrant
def invokeInterchain(
    source: String[NAME_MAX], destination: String[NAME_MAX], index: uint64, status: uint64, hashOfRequest: bytes32,
    encrypted: bool, func: String[FUNCTION_MAX], args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX],
    payloadHash: bytes32, signatures: DynArray[Bytes[65], SIGNERS_MAX],
):
    """
    @notice Takes a request at its destination, or undoes it, once and in the order of the pair's indices.
    """
    assert self._isHere(destination), "another chain"
    assert status <= BEGIN_ROLLBACK, "wrong status"
    assert encrypted or self._requestPayloadHash(func, args) == payloadHash, "payload hash"
    pair: bytes32 = self._pair(source, destination)
    outcome: uint256 = self.inboundOutcome[pair][index]
    if outcome == 0:
        assert index == self.inCounter[pair] + 1, "wrong index"
    else:
        assert status != BEGIN and outcome != UNDONE, "index exists"
        assert self.requestHash[pair][index] == hashOfRequest, "another request"
    self._checkAttested(
        source, destination, index, REQUEST, status, hashOfRequest, payloadHash,
        keccak256(abi_encode(encrypted, func, args)), signatures,
    )
    if outcome == 0:
        self.inCounter[pair] = index
        self.requestHash[pair][index] = hashOfRequest
    answer: uint64 = RECEIPT_ROLLBACK if status == BEGIN_ROLLBACK else RECEIPT_FAILURE
    results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX] = []
    service: address = self._account(destination)
    if status != BEGIN:
        self.inboundOutcome[pair][index] = UNDONE
        if outcome == PENDING or outcome == SUCCEEDED:
            self.dstRollbackCounter[pair] += 1
            if service.is_contract:
                self._call(service, source, index, func, args, encrypted, True)
    elif service.is_contract:
        self.inboundOutcome[pair][index] = PENDING
        ok: bool = False
        result: Bytes[RESPONSE_MAX] = b""
        ok, result = self._call(service, source, index, func, args, encrypted, False)
        self.inboundOutcome[pair][index] = SUCCEEDED if ok else FAILED
        if ok:
            answer = RECEIPT_SUCCESS
            results = [result]
    else:
        self.inboundOutcome[pair][index] = PENDING
        log Delivered(pair=pair, index=index, requestHash=hashOfRequest)
        return
    self._answer(pair, source, destination, index, answer, hashOfRequest, results)


@external
@nonreentrant
def finish(
    source: String[NAME_MAX], index: uint64, ok: bool, results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX],
):
    """
    @notice Answers a request to the caller, which is an account without code.
    """
    destination: String[NAME_MAX] = self._nameOf(msg.sender)
    pair: bytes32 = self._pair(source, destination)
    assert self.inboundOutcome[pair][index] == PENDING, "not pending"
    self.inboundOutcome[pair][index] = SUCCEEDED if ok else FAILED
    answer: uint64 = RECEIPT_SUCCESS if ok else RECEIPT_FAILURE
    self._answer(pair, source, destination, index, answer, self.requestHash[pair][index], results)


@internal
def _answer(
    pair: bytes32, source: String[NAME_MAX], destination: String[NAME_MAX], index: uint64, typ: uint64,
    hashOfRequest: bytes32, results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX],
):
    log ThrowReceipt(
        pair=pair, index=index, source=source, destination=destination, typ=typ, requestHash=hashOfRequest,
        results=results, payloadHash=self._resultHash(results),
    )


@internal
def _call(
    service: address, source: String[NAME_MAX], index: uint64, func: String[FUNCTION_MAX],
    args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX], encrypted: bool, undo: bool,
) -> (bool, Bytes[RESPONSE_MAX]):
    self._checkGas()
    ok: bool = False
    response: Bytes[RESPONSE_MAX] = b""
    ok, response = raw_call(
        service,
        abi_encode(
            source, index, func, args, encrypted, undo,
            method_id=method_id("onInterchain(string,uint64,string,bytes[],bool,bool)"),
        ),
        max_outsize=RESPONSE_MAX, gas=serviceGas, revert_on_failure=False,
    )
    # Read by hand: a service that answers nonsense must not stop the pair's later messages.
    if not ok or len(response) < 96:
        return False, b""
    if extract32(response, 0, output_type=uint256) != 1 or extract32(response, 32, output_type=uint256) != 64:
        return False, b""
    size: uint256 = extract32(response, 64, output_type=uint256)
    if size > RESULT_MAX or size > len(response) - 96:
        return False, b""
    return True, slice(response, 96, size)


@internal
@view
def _checkGas():
    # Whoever delivers must not make a service fail by leaving it too little.
    assert msg.gas > serviceGas * 64 // 63 + RESERVE, "too little gas"


# ---- Attesters -----------------------------------------------------------------------------------------------------

@external
@nonreentrant
def rotate(
    total: uint256, thresholds: DynArray[uint256, GROUPS_MAX], signers: DynArray[address, SIGNERS_MAX],
    groups: DynArray[uint256, SIGNERS_MAX], signatures: DynArray[Bytes[65], SIGNERS_MAX],
):
    """
    @notice Replaces the set of attesters by one that the old set has certified.
    """
    self._checkSigned(
        keccak256(
            concat(
                b"WLER", convert(chain.id, bytes32), convert(self, bytes20), self._eight(self.epoch + 1),
                keccak256(abi_encode(total, thresholds, signers, groups)),
            )
        ),
        signatures,
    )
    self._install(total, thresholds, signers, groups)


@internal
def _install(
    total: uint256, thresholds: DynArray[uint256, GROUPS_MAX], signers: DynArray[address, SIGNERS_MAX],
    groups: DynArray[uint256, SIGNERS_MAX],
):
    assert len(thresholds) > 0 and len(signers) == len(groups) and total <= len(signers), "no policy"
    next: uint64 = self.epoch + 1
    sizes: uint256[GROUPS_MAX] = empty(uint256[GROUPS_MAX])
    last: uint256 = 0
    for i: uint256 in range(len(signers), bound=SIGNERS_MAX):
        signer: uint256 = convert(signers[i], uint256)
        assert signer > last, "signers ascend"
        last = signer
        assert groups[i] < len(thresholds), "no group"
        sizes[groups[i]] += 1
        self.groupOfSigner[next][signers[i]] = groups[i] + 1
    sum: uint256 = 0
    for i: uint256 in range(len(thresholds), bound=GROUPS_MAX):
        assert thresholds[i] > 0 and thresholds[i] <= sizes[i], "no threshold"
        sum += thresholds[i]
    assert total >= sum, "no threshold"
    self.epoch = next
    self.threshold = total
    self.groupThresholds = thresholds
    log Rotated(epoch=next)


@internal
@view
def _checkAttested(
    source: String[NAME_MAX], destination: String[NAME_MAX], index: uint64, typ: uint64, status: uint64,
    hashOfRequest: bytes32, payloadHash: bytes32, content: bytes32, signatures: DynArray[Bytes[65], SIGNERS_MAX],
):
    relay: bytes32 = keccak256(
        concat(
            convert(source, Bytes[NAME_MAX]), convert(destination, Bytes[NAME_MAX]), self._eight(index),
            self._eight(typ), payloadHash, self._eight(status),
        )
    )
    # The relay digest knows neither this contract nor where one name or argument ends and the next begins.
    self._checkSigned(
        keccak256(
            concat(
                b"WLEA", convert(chain.id, bytes32), convert(self, bytes20), self._eight(self.epoch),
                self._eight(convert(len(source), uint64)), hashOfRequest, content, relay,
            )
        ),
        signatures,
    )


@internal
@view
def _checkSigned(digest: bytes32, signatures: DynArray[Bytes[65], SIGNERS_MAX]):
    current: uint64 = self.epoch
    counts: uint256[GROUPS_MAX] = empty(uint256[GROUPS_MAX])
    last: uint256 = 0
    for signature: Bytes[65] in signatures:
        assert len(signature) == 65, "no signature"
        s: uint256 = extract32(signature, 32, output_type=uint256)
        v: uint256 = convert(slice(signature, 64, 1), uint256)
        assert s <= HALF_ORDER and (v == 27 or v == 28), "no signature"
        signer: address = ecrecover(digest, v, extract32(signature, 0, output_type=uint256), s)
        # In the order of their addresses, so that nobody counts twice; nobody is the zero address.
        assert convert(signer, uint256) > last, "signers ascend"
        last = convert(signer, uint256)
        group: uint256 = self.groupOfSigner[current][signer]
        assert group > 0, "not a signer"
        counts[group - 1] += 1
    assert len(signatures) >= self.threshold, "too few signers"
    place: uint256 = 0
    for needed: uint256 in self.groupThresholds:
        assert counts[place] >= needed, "a subgroup is missing"
        place += 1


@external
@view
def policy() -> (uint64, uint256, DynArray[uint256, GROUPS_MAX]):
    """
    @return The epoch, signatures in all, and of each subgroup.
    """
    return self.epoch, self.threshold, self.groupThresholds


@external
@view
def signerGroup(signer: address) -> uint256:
    """
    @return The place of the signer's subgroup plus one; 0 for everybody else.
    """
    return self.groupOfSigner[self.epoch][signer]


# ---- Names and hashes ----------------------------------------------------------------------------------------------

@internal
@pure
def _eight(number: uint64) -> bytes8:
    return convert(number, bytes8)


@internal
@pure
def _pair(source: String[NAME_MAX], destination: String[NAME_MAX]) -> bytes32:
    return keccak256(concat(source, "-", destination))


@internal
@pure
def _requestPayloadHash(
    func: String[FUNCTION_MAX], args: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX]
) -> bytes32:
    return keccak256(
        concat(
            convert(func, Bytes[FUNCTION_MAX]), self._part(args, 0), self._part(args, 1), self._part(args, 2),
            self._part(args, 3),
        )
    )


@internal
@pure
def _resultHash(results: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX]) -> bytes32:
    return keccak256(
        concat(self._part(results, 0), self._part(results, 1), self._part(results, 2), self._part(results, 3))
    )


@internal
@pure
def _part(values: DynArray[Bytes[ARGUMENT_MAX], ARGUMENTS_MAX], place: uint256) -> Bytes[ARGUMENT_MAX]:
    return values[place] if place < len(values) else b""


@internal
@view
def _isHere(name: String[NAME_MAX]) -> bool:
    return len(name) > len(PREFIX) and keccak256(slice(name, 0, len(PREFIX))) == keccak256(PREFIX)


@internal
@view
def _nameOf(account: address) -> String[NAME_MAX]:
    digits: String[40] = self._digits(account)
    return concat(PREFIX, "0x", digits)


@internal
@view
def _account(name: String[NAME_MAX]) -> address:
    # The service's part of a name of this chain. Written out again it must be the same text.
    start: uint256 = len(PREFIX)
    assert len(name) == start + 42, "no account"
    text: Bytes[NAME_MAX] = convert(name, Bytes[NAME_MAX])
    high: uint256 = self._gathered(extract32(text, start + 2, output_type=uint256))
    low: uint256 = self._gathered(extract32(text, start + 10, output_type=uint256)) & convert(max_value(uint32), uint256)
    account: address = convert(convert(high << 32 | low, uint160), address)
    assert keccak256(self._nameOf(account)) == keccak256(name), "no account"
    return account


@internal
@pure
def _digits(account: address) -> String[40]:
    number: uint256 = convert(account, uint256)
    high: bytes32 = self._spread(number >> 32)
    low: bytes32 = self._spread((number & convert(max_value(uint32), uint256)) << 96)
    return convert(concat(high, slice(low, 0, 8)), String[40])


@internal
@pure
def _spread(number: uint256) -> bytes32:
    # 16 bytes as 32 digits in ASCII, all at once: half-bytes are moved apart in five steps.
    x: uint256 = number
    x = (x | x << 64) & convert(0x0000000000000000FFFFFFFFFFFFFFFF0000000000000000FFFFFFFFFFFFFFFF, uint256)
    x = (x | x << 32) & convert(0x00000000FFFFFFFF00000000FFFFFFFF00000000FFFFFFFF00000000FFFFFFFF, uint256)
    x = (x | x << 16) & convert(0x0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF, uint256)
    x = (x | x << 8) & convert(0x00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF, uint256)
    x = (x | x << 4) & convert(0x0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F, uint256)
    letters: uint256 = (x + convert(0x0606060606060606060606060606060606060606060606060606060606060606, uint256)) >> 4
    letters = letters & convert(0x0101010101010101010101010101010101010101010101010101010101010101, uint256)
    digits: uint256 = x + convert(0x3030303030303030303030303030303030303030303030303030303030303030, uint256) + letters * 39
    return convert(digits, bytes32)


@internal
@pure
def _gathered(digits: uint256) -> uint256:
    # The reverse; what is no digit gives a number whose digits are others.
    x: uint256 = digits & convert(0x0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F, uint256)
    letters: uint256 = (digits >> 6) & convert(0x0101010101010101010101010101010101010101010101010101010101010101, uint256)
    x = (x + letters * 9) & convert(0x0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F, uint256)
    x = (x | x >> 4) & convert(0x00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF00FF, uint256)
    x = (x | x >> 8) & convert(0x0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF0000FFFF, uint256)
    x = (x | x >> 16) & convert(0x00000000FFFFFFFF00000000FFFFFFFF00000000FFFFFFFF00000000FFFFFFFF, uint256)
    x = (x | x >> 32) & convert(0x0000000000000000FFFFFFFFFFFFFFFF0000000000000000FFFFFFFFFFFFFFFF, uint256)
    return (x | x >> 64) & convert(0x00000000000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF, uint256)


@internal
@pure
def _isName(name: String[NAME_MAX]) -> bool:
    # Three parts of 1 to 64 printable bytes without what joins names elsewhere: - : , " and backslash.
    text: Bytes[NAME_MAX] = convert(name, Bytes[NAME_MAX])
    colons: uint256 = 0
    size: uint256 = 0
    for i: uint256 in range(len(text), bound=NAME_MAX):
        c: uint256 = convert(slice(text, i, 1), uint256)
        if c == 58:
            if size == 0 or size > 64:
                return False
            colons += 1
            size = 0
            continue
        if c < 33 or c > 126 or c == 45 or c == 44 or c == 34 or c == 92:
            return False
        size += 1
    return colons == 2 and size > 0 and size <= 64


@internal
@pure
def _isPrintable(text: String[FUNCTION_MAX]) -> bool:
    bytes_: Bytes[FUNCTION_MAX] = convert(text, Bytes[FUNCTION_MAX])
    for i: uint256 in range(len(bytes_), bound=FUNCTION_MAX):
        c: uint256 = convert(slice(bytes_, i, 1), uint256)
        if c < 33 or c > 126:
            return False
    return len(bytes_) > 0
