internal import Bundles
internal import CanonicalBytes
internal import Signcryption
internal import Transcripts

/// The epoch keys that gateways handed to the owner of a scope (cryptographic specification, section 6.4).
struct HandedEpochKeys {
    /// A sender hands over keys of its own envelopes only: nobody can spoil another's.
    private struct Name: Hashable {
        let sender: String
        let capsule: [UInt8]
    }

    private var keys: [Name: [UInt8]] = [:]
    private var used: Set<Name> = []
    /// Envelopes whose key was looked for in vain are not looked for again.
    private var missing: Set<Name> = []

    /// Keys that opened envelopes.
    var usedCount: Int { self.used.count }

    /// Takes a record of the scope for epoch keys; records of another form are not for this owner.
    mutating func take(_ record: EnvelopeRecord, from sender: String) {
        guard record.type.utf8.elementsEqual(EpochKeyRecord.recordType.utf8), record.data.count == 32,
            let capsule = [UInt8](hex: record.id), capsule.count == 32
        else { return }
        self.keys[Name(sender: sender, capsule: capsule)] = record.data
    }

    /// Whether an envelope needs a key that is not here and was not looked for.
    mutating func isLacking(_ envelope: VerifiedEnvelope) -> Bool {
        guard let name = Self.name(envelope.header), self.keys[name] == nil else { return false }
        return self.missing.insert(name).inserted
    }

    /// The key of an envelope; nil for one that needs none.
    ///
    /// - Throws: ``CustodianError/epochKey(_:)`` when it was not handed over.
    mutating func key(of envelope: VerifiedEnvelope) throws -> [UInt8]? {
        guard let name = Self.name(envelope.header) else { return nil }
        guard let key = self.keys[name] else { throw CustodianError.epochKey(envelope.indexPointer.hex) }
        self.used.insert(name)
        return key
    }

    mutating func wipe() {
        for name in Array(self.keys.keys) { self.keys[name]?.wipe() }
        self.keys.removeAll()
    }

    private static func name(_ header: EnvelopeHeader) -> Name? {
        guard header.mode == .scopeAndEpochKey else { return nil }
        return Name(sender: header.sender, capsule: header.capsuleDigest)
    }
}
