internal import IBTP

/// The functions of the broker contract, by their ABI signatures.
package enum BrokerFunction: String, Sendable, CaseIterable {
    case emitInterchain = "emitInterchain(string,string,bytes[],uint64,bytes)"
    case emitEncrypted = "emitEncrypted(string,bytes,bytes32,uint64,bytes)"
    case invokeInterchain =
        "invokeInterchain(string,string,uint64,uint64,bytes32,bool,string,bytes[],bytes32,bytes[])"
    case invokeReceipt =
        "invokeReceipt(string,string,uint64,uint64,uint64,bytes32,bool,bytes[],bytes32,bytes[])"
    case finish = "finish(string,uint64,bool,bytes[])"
    case rotate = "rotate(uint256,uint256[],address[],uint256[],bytes[])"
    case policy = "policy()"
    case signerGroup = "signerGroup(address)"
    case hubName = "hubName()"
    case chainName = "chainName()"
    case outCounter = "outCounter(bytes32)"
    case inCounter = "inCounter(bytes32)"
    case callbackCounter = "callbackCounter(bytes32)"
    case destinationRollbackCounter = "dstRollbackCounter(bytes32)"
    case inboundOutcome = "inboundOutcome(bytes32,uint64)"
    case requestHash = "requestHash(bytes32,uint64)"
    case outboundOutcome = "outboundOutcome(bytes32,uint64)"

    /// The first four bytes of the signature's Keccak-256.
    package var selector: [UInt8] { Array(Keccak256.digest(Array(self.rawValue.utf8)).prefix(4)) }

    /// The data of a call.
    package func call(_ arguments: [ABIValue] = []) -> [UInt8] { self.selector + ABIValue.encode(arguments) }
}

/// How far an exchange is in the broker contract, at either end.
package enum BrokerOutcome: UInt64, Sendable, CaseIterable {
    case unknown = 0
    case pending = 1
    case succeeded = 2
    case failed = 3
    /// At a destination only.
    case undone = 4
}
