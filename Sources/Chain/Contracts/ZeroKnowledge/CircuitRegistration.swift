package import CanonicalBytes
package import Groth16
internal import Transcripts

/// Which policies a circuit proves.
package enum CircuitKind: Hashable, Sendable {
    /// 1: the one with this digest.
    case policy([UInt8])
    /// 2: all of at most sixteen leaves.
    case universal
}

/// A circuit as governors register it: `u8 kind || policy(32) of kind 1 || r1cs(32) || ceremony(32) || LP(key)`.
package struct CircuitRegistration: StateRecord {
    /// Bytes of a verification key.
    package static let keyBytesMax = 4_096
    /// Root, policy, nonce, context and nym.
    package static let publicInputs = 5

    package let kind: CircuitKind
    /// Digest of the constraint system.
    package let system: [UInt8]
    /// Digest of the ceremony's transcript.
    package let ceremony: [UInt8]
    /// `WLV1 …`, not checked yet.
    package let key: [UInt8]

    package init(kind: CircuitKind, system: [UInt8], ceremony: [UInt8], key: [UInt8]) {
        self.kind = kind
        self.system = system
        self.ceremony = ceremony
        self.key = key
    }

    /// `H("ZK-CIRCUIT", bytes)`: binds a proof's verification to all of it.
    package var id: [UInt8] { TaggedHash.digest("ZK-CIRCUIT", self.bytes) }

    /// The key with every point checked.
    ///
    /// - Throws: `FORMAT`, `POINT`, `SUBGROUP` or `IDENTITY`; `CONTEXT` for another count of public inputs.
    package func verificationKey() throws(ProtocolFailure) -> VerificationKey {
        let key = try VerificationKey(self.key)
        try require(
            key.publicInputs == Self.publicInputs,
            .context,
            "a key of \(key.publicInputs) public inputs, not \(Self.publicInputs)"
        )
        return key
    }

    package func write(to writer: inout CanonicalWriter) {
        switch self.kind {
        case .policy(let digest):
            writer.u8(1)
            writer.raw(digest)
        case .universal: writer.u8(2)
        }
        writer.raw(self.system)
        writer.raw(self.ceremony)
        writer.lengthPrefixed(self.key)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        switch try reader.u8() {
        case 1: self.kind = .policy(try reader.hash())
        case 2: self.kind = .universal
        case let kind: throw ProtocolFailure(.format, "a circuit of kind \(kind)")
        }
        self.system = try reader.hash()
        self.ceremony = try reader.hash()
        self.key = try reader.lengthPrefixed()
        try require(self.key.count <= Self.keyBytesMax, .format, "a key of \(self.key.count) bytes")
    }
}

/// A registered circuit: `u64 height || u64 retired height || LP(registration)`.
package struct RegisteredCircuit: StateRecord {
    package let height: UInt64
    /// 0: in use.
    package var retired: UInt64
    package let registration: CircuitRegistration

    init(_ registration: CircuitRegistration, height: UInt64) {
        self.height = height
        self.retired = 0
        self.registration = registration
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u64(self.height)
        writer.u64(self.retired)
        writer.lengthPrefixed(self.registration.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.height = try reader.u64()
        self.retired = try reader.u64()
        self.registration = try CircuitRegistration(bytes: try reader.lengthPrefixed())
    }
}
