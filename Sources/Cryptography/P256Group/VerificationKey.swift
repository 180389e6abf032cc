package import CanonicalBytes
internal import Synchronization

/// A public key under which signatures are checked again and again: a gateway's, on a validator.
///
/// At the ``patience``th check it asks for a ``P256KeyTable``, which serves from when it is made.
package final class VerificationKey: Sendable {
    /// Checks after which a table pays: about as many as cost what it costs.
    package static let patience = 512

    package let publicKey: P256PublicKey
    private let tables: KeyTables
    private let checks = Atomic<Int>(0)
    private let table = AtomicLazyReference<P256KeyTable>()
    private let isCharged = Atomic<Bool>(false)

    /// - Parameters:
    ///   - publicKey: the key.
    ///   - tables: shared by the keys of one process.
    package init(_ publicKey: P256PublicKey, tables: KeyTables) {
        self.publicKey = publicKey
        self.tables = tables
    }

    /// Whether checks use a table.
    package var hasTable: Bool { self.table.load() != nil }

    /// `E(z·G + c·Q)`; nil for the identity.
    func commitment(_ z: P256Scalar, _ c: P256Scalar) -> [UInt8]? {
        if let table = self.table.load() { return table.encodedSum(z, plus: c) }
        self.askForTableIfDue()
        return try? P256Point.base(times: z, plus: c, times: self.publicKey.point).encoded()
    }

    private func askForTableIfDue() {
        // Exactly one check is this one, so a table is asked for once.
        let count = self.checks.wrappingAdd(1, ordering: .relaxed).newValue
        guard count == Self.patience, self.tables.take() else { return }
        self.isCharged.store(true, ordering: .relaxed)
        self.tables.run { [weak self] in
            guard let self, let made = P256KeyTable(self.publicKey) else { return }
            _ = self.table.storeIfNil(made)
        }
    }

    deinit { if self.isCharged.load(ordering: .relaxed) { self.tables.giveBack() } }
}

/// How many tables of keys there may be, and where they are made.
package final class KeyTables: Sendable {
    /// Runs a job of some 20 ms; where it is run is up to the owner.
    package typealias Run = @Sendable (_ job: @escaping @Sendable () -> Void) -> Void

    fileprivate let run: Run
    private let left: Atomic<Int>

    /// - Parameters:
    ///   - limit: tables of ``P256KeyTable/byteCount`` at most.
    ///   - run: by default on the thread of the check that is due.
    package init(limit: Int, run: @escaping Run = { $0() }) {
        self.left = Atomic(limit)
        self.run = run
    }

    fileprivate func take() -> Bool {
        if self.left.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 { return true }
        self.giveBack()
        return false
    }

    fileprivate func giveBack() { self.left.wrappingAdd(1, ordering: .relaxed) }
}

extension Schnorr {
    /// Verifies a signature under a key that is used often.
    ///
    /// - Throws: as ``verify(_:context:message:signature:)-(P256PublicKey,_,_,_)``.
    package static func verify(
        _ key: VerificationKey,
        context: String,
        message: [UInt8],
        signature: [UInt8]
    ) throws(ProtocolFailure) {
        try self.verify(signature, under: key.publicKey, Array(context.utf8), message) { key.commitment($0, $1) }
    }
}
