package import CanonicalBytes
internal import FiniteFields
package import Ledger

/// Puts leaves behind all others into the tree of credentials: `u16 n × leaf(32)`.
package struct AddCredentials: MethodArguments {
    package static let contract = "zk"
    package static let method = "credential-add"
    package static let channels: [Channel] = [.access]
    /// Leaves of one transaction.
    package static let leavesMax = 64

    /// In the order of their places: commitments to a holder and attributes, canonical field elements other than 0.
    package let leaves: [[UInt8]]

    package init(leaves: [[UInt8]]) { self.leaves = leaves }

    package func write(to writer: inout CanonicalWriter) { writer.list(self.leaves) }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.leaves = try reader.leaves()
    }
}

/// Why a credential ends.
package enum CredentialRevocationReason: UInt8, CaseIterable, Hashable, Sendable {
    /// The holder gets another one.
    case replaced = 1
    /// An attribute is not true any more.
    case attributes = 2
    /// The holder has left.
    case left = 3
    /// Somebody else may know the secret.
    case compromised = 4
    /// It should not have been issued.
    case mistake = 5
}

/// Ends credentials: `u8 reason || u16 n × leaf(32)`.
package struct RevokeCredentials: MethodArguments {
    package static let contract = "zk"
    package static let method = "credential-revoke"
    package static let channels: [Channel] = [.access]

    package let reason: CredentialRevocationReason
    package let leaves: [[UInt8]]

    package init(reason: CredentialRevocationReason, leaves: [[UInt8]]) {
        self.reason = reason
        self.leaves = leaves
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.reason.rawValue)
        writer.list(self.leaves)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let reason = CredentialRevocationReason(rawValue: try reader.u8()) else {
            throw ProtocolFailure(.format, "no such reason for a revocation")
        }
        self.reason = reason
        self.leaves = try reader.leaves()
    }
}

extension CanonicalReader {
    fileprivate mutating func leaves() throws(ProtocolFailure) -> [[UInt8]] {
        let count = Int(try self.u16())
        try require((1...AddCredentials.leavesMax).contains(count), .format, "a list of \(count) leaves")
        var leaves: [[UInt8]] = []
        for _ in 0..<count {
            let leaf = try self.hash()
            _ = try Fr(nonzero: leaf)
            leaves.append(leaf)
        }
        return leaves
    }
}
