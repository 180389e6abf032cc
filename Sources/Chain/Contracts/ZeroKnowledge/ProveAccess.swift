package import CanonicalBytes
internal import FiniteFields
package import Ledger

/// Asks for the data of a scope with a proof that the requester satisfies its policy: the fields of ``RequestAccess``,
/// then `circuit(32) || root(32) || u64 epoch || u32 slot || nym(32) || requester(32) || nonce(32) || LP(proof)`.
package struct ProveAccess: MethodArguments {
    package static let contract = "zk"
    package static let method = "request"
    package static let channels: [Channel] = [.access]
    /// Bytes of a proof that are read; a proof of another length than 192 is then refused as such.
    package static let proofBytesMax = 1_024

    /// What is asked for; its policy is the one that is proven.
    package let access: RequestAccess
    package let circuit: [UInt8]
    /// Of the tree of credentials.
    package let root: [UInt8]
    /// The epoch and the slot of it that the nym is for.
    package let epoch: UInt64
    package let slot: UInt32
    /// The holder's name in that slot, a canonical field element.
    package let nym: [UInt8]
    /// Digest of the certificate that the proof was made for.
    package let requester: [UInt8]
    /// The public input that binds the proof to one request of one requester.
    ///
    /// The chain computes it itself; with the proof's own it can tell a proof of something else from a wrong one.
    package let nonce: [UInt8]
    package let proof: [UInt8]

    package init(
        access: RequestAccess,
        circuit: [UInt8],
        root: [UInt8],
        epoch: UInt64,
        slot: UInt32,
        nym: [UInt8],
        requester: [UInt8],
        nonce: [UInt8],
        proof: [UInt8]
    ) {
        self.access = access
        self.circuit = circuit
        self.root = root
        self.epoch = epoch
        self.slot = slot
        self.nym = nym
        self.requester = requester
        self.nonce = nonce
        self.proof = proof
    }

    package func write(to writer: inout CanonicalWriter) {
        self.access.write(to: &writer)
        writer.raw(self.circuit)
        writer.raw(self.root)
        writer.u64(self.epoch)
        writer.u32(self.slot)
        writer.raw(self.nym)
        writer.raw(self.requester)
        writer.raw(self.nonce)
        writer.lengthPrefixed(self.proof)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.access = try RequestAccess(from: &reader)
        self.circuit = try reader.hash()
        self.root = try reader.hash()
        self.epoch = try reader.u64()
        self.slot = try reader.u32()
        self.nym = try reader.hash()
        // Another encoding of a used one would be a new one.
        _ = try Fr(self.nym)
        self.requester = try reader.hash()
        self.nonce = try reader.hash()
        self.proof = try reader.lengthPrefixed()
        try require(self.proof.count <= Self.proofBytesMax, .format, "a proof of \(self.proof.count) bytes")
    }
}
