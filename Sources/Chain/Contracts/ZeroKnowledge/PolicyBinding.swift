package import CanonicalBytes
package import Certificates

/// What requests for a scope have to prove: `policy(32) || circuit(32) || public_input(32) || u64 permission_seconds ||
/// LP(author) || u64 time`.
package struct PolicyBinding: StateRecord {
    /// The policy's digest.
    package let policy: [UInt8]
    package let circuit: [UInt8]
    /// By which the circuit names the policy, computed once.
    package let publicInput: [UInt8]
    /// 0: an owner decides about each request.
    package let permissionSeconds: UInt64
    /// In whose name permissions are given at once.
    package let author: PartyName
    /// Milliseconds since 1970.
    package let time: UInt64

    package func write(to writer: inout CanonicalWriter) {
        writer.raw(self.policy)
        writer.raw(self.circuit)
        writer.raw(self.publicInput)
        writer.u64(self.permissionSeconds)
        writer.party(self.author)
        writer.u64(self.time)
    }

    init(
        policy: [UInt8],
        circuit: [UInt8],
        publicInput: [UInt8],
        permissionSeconds: UInt64,
        author: PartyName,
        time: UInt64
    ) {
        self.policy = policy
        self.circuit = circuit
        self.publicInput = publicInput
        self.permissionSeconds = permissionSeconds
        self.author = author
        self.time = time
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.policy = try reader.hash()
        self.circuit = try reader.hash()
        self.publicInput = try reader.hash()
        self.permissionSeconds = try reader.u64()
        self.author = try reader.partyName()
        self.time = try reader.u64()
    }
}
