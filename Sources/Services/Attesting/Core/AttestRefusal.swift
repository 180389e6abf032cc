package import CanonicalBytes

/// Why a verification node does not sign.
package enum AttestRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// A rule of the specification is broken.
    case invalid(ProtocolFailure)
    case refused(Reason, String)

    /// Stable words for gateways.
    package enum Reason: String, Sendable, CaseIterable {
        case malformedParameter = "malformed-parameter"
        case unsupportedMediaType = "unsupported-media-type"
        /// The hop is on a chain that this node does not sign for.
        case anotherChain = "another-chain"
        /// The chain has not certified what the proof claims.
        case notProven = "not-proven"
        /// Hop and leaf do not say the same.
        case anotherMessage = "another-message"
        /// Not the list of verification nodes of this height, or this node has no seat in it.
        case anotherList = "another-list"
        case notANode = "not-a-node"
        case expired
        case expiresTooLate = "expires-too-late"
        /// The hops before this one do not hold.
        case badPath = "bad-path"
        /// The node has signed something else of this message.
        case contradiction
        /// The node has seen another block of this height: the chain has split, or its keys are stolen.
        case chainSplit = "chain-split"
        case chainUnavailable = "chain-unavailable"
        case storeFailed = "store-failed"
    }

    package var description: String {
        switch self {
        case .invalid(let failure): failure.description
        case .refused(let reason, let detail): "\(reason.rawValue): \(detail)"
        }
    }
}

/// Has what the specification refuses refused as such.
func refusing<Value>(
    _ reason: AttestRefusal.Reason? = nil,
    _ body: () throws(ProtocolFailure) -> Value
) throws(AttestRefusal) -> Value {
    do throws(ProtocolFailure) { return try body() } catch {
        guard let reason else { throw .invalid(error) }
        throw .refused(reason, "\(error)")
    }
}
