package import CanonicalBytes
package import FiniteFields
internal import Transcripts

/// A secret scalar of BLS12-381 other than zero, wiped when the last user lets go of it.
package final class SecretFr: Sendable {
    private let cell: SecretCell<Fr>

    /// - Throws: `SCALAR` for zero.
    package init(_ value: Fr) throws(ProtocolFailure) {
        try require(!value.isZero, .scalar, "a secret scalar is zero")
        self.cell = SecretCell(value)
    }

    /// Decodes 32 bytes (specification section 3.1).
    ///
    /// - Throws: `FORMAT` for another length, `SCALAR` for zero and for what is not below the group order.
    package convenience init(bytes: [UInt8]) throws(ProtocolFailure) {
        var value = try Fr(nonzero: bytes)
        defer { value.wipe() }
        try self.init(value)
    }

    private init(random: Void) {
        var value = Fr.random()
        defer { value.wipe() }
        self.cell = SecretCell(value)
    }

    /// A new secret from the system's generator.
    package static func random() -> SecretFr { SecretFr(random: ()) }

    /// Lends the scalar; the copy is wiped afterwards.
    package func withValue<Result, Failure: Error>(
        _ use: (Fr) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try self.cell.withValue(use)
    }

    /// The 32 bytes, to store them sealed; the caller wipes them.
    package func secretBytes() -> [UInt8] { self.cell.withValue { $0.bytes } }
}

extension Fr {
    /// A random scalar other than zero; the caller wipes it.
    package static func random() -> Fr {
        while true {
            var material = SecureRandom.bytes(48)
            defer { material.wipe() }
            let value = Fr(reducing: material)
            if !value.isZero { return value }
        }
    }

    /// Overwrites the value.
    package mutating func wipe() { wipeBytes(of: &self) }
}

extension [Fr] {
    /// Overwrites the values in this array's storage.
    package mutating func wipe() {
        for index in self.indices { self[index].wipe() }
    }
}
