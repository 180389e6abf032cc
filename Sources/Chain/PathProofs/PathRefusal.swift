package import CanonicalBytes

/// Why a path is not accepted, and which hop is to blame where that shows.
package struct PathRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// One reason for every rule, in the order in which the rules are checked.
    package enum Reason: String, Sendable, CaseIterable {
        /// The payload is not the one that the path is about.
        case wrongPayload = "wrong-payload"
        /// The message goes to another chain, or is not in transit any more.
        case wrongDestination = "wrong-destination"
        /// The message's number was seen before.
        case replayed
        /// A hop, or a chain, occurs twice.
        case repeated
        /// The hops are not in their order.
        case reordered
        /// A hop is missing: before the first, in between or after the last.
        case dropped
        /// The first hop is not on the chain that the message comes from.
        case wrongSource = "wrong-source"
        /// A hop continues something else: another message, or another path of this one.
        case spliced
        /// A hop hands over to another chain than the one of the next hop.
        case wrongNextChain = "wrong-next-chain"
        /// A chain has refused the message.
        case refusedByHop = "refused-by-hop"
        case expired
        /// No list of this chain and epoch is known, or its root is another.
        case unknownList = "unknown-list"
        /// The list does not certify the hop's height.
        case listNotValid = "list-not-valid"
        /// The record names a committee that the list does not have.
        case wrongCommittee = "wrong-committee"
        /// No certificate, or one of another form or committee than the record names.
        case malformedCertificate = "malformed-certificate"
        /// A privileged subgroup did not sign at all.
        case missingSubgroup = "missing-subgroup"
        /// Too few signers, of a subgroup or in all.
        case belowThreshold = "below-threshold"
        /// The signatures do not fit.
        case signature
    }

    package let reason: Reason
    /// Place in the proof, from 0; nil where no single hop is to blame.
    package let hop: Int?
    /// What was wrong with a code of the specification's section 1.2.
    package let failure: ProtocolFailure

    init(_ reason: Reason, hop: Int? = nil, _ failure: ProtocolFailure) {
        self.reason = reason
        self.hop = hop
        self.failure = failure
    }

    init(_ reason: Reason, hop: Int? = nil, _ code: ProtocolFailure.Code, _ detail: String) {
        self.init(reason, hop: hop, ProtocolFailure(code, detail))
    }

    package var description: String {
        let place = self.hop.map { " at hop \($0)" } ?? ""
        return "\(self.reason.rawValue)\(place): \(self.failure)"
    }
}

/// Throws unless the condition holds.
func requirePath(
    _ condition: Bool,
    _ reason: PathRefusal.Reason,
    hop: Int? = nil,
    _ code: ProtocolFailure.Code,
    _ detail: @autoclosure () -> String
) throws(PathRefusal) {
    guard condition else { throw PathRefusal(reason, hop: hop, code, detail()) }
}
