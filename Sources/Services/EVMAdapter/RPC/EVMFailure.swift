package import Relaying

/// Why a node of a chain with an EVM gave nothing that can be used.
package enum EVMFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No answer: name, network, TLS, or a deadline.
    case unreachable(String)
    /// An error of JSON-RPC. The text is the node's own and no two nodes have the same: nothing is decided by it.
    case node(code: Int, message: String)
    /// An answer that is not what it should be.
    case malformed(String)
    /// Answers that contradict each other, or a proof that does not verify.
    case inconsistent(String)
    /// Asked for something that makes no sense here.
    case misconfigured(String)
    /// A block that was final is another one now.
    case finalityBroken(height: UInt64)
    /// A transaction would cost more than is allowed.
    case tooDear(String)
    /// A transaction is in no block after the time allowed.
    case timeout(String)

    package var description: String {
        switch self {
        case .unreachable(let text): "the node cannot be asked: \(text)"
        case .node(let code, let message): "the node says no: \(message) (\(code))"
        case .malformed(let text): "the node's answer is malformed: \(text)"
        case .inconsistent(let text): "the node contradicts itself: \(text)"
        case .misconfigured(let text), .tooDear(let text), .timeout(let text): text
        case .finalityBroken(let height): "block \(height) was final and is another one now"
        }
    }

    /// As a gateway takes it.
    package var asAdapterFailure: ChainAdapterFailure {
        switch self {
        case .unreachable, .node, .timeout, .tooDear: .unreachable(self.description)
        case .malformed, .inconsistent: .inconsistent(self.description)
        case .misconfigured: .misconfigured(self.description)
        case .finalityBroken(let height): .finalityBroken(height: height)
        }
    }
}
