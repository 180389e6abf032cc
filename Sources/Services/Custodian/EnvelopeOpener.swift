package import Bundles
internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import Records
internal import Signcryption
internal import Transcripts
internal import Uplink

package import struct Bundles.Bundle

/// What came of opening an institution's envelopes.
package struct OpeningSummary: Sendable, Codable, Equatable {
    package var scopes = 0
    package var envelopes = 0
    package var observations = 0
    package var messages = 0
    /// Records that hand over the key of a gateway's index pages.
    package var indexKeys = 0
    /// Epoch keys that gateways handed over and that opened envelopes.
    package var epochKeys = 0
}

/// What is written of each envelope.
package enum OpeningOutput: Sendable {
    /// Observations as FHIR JSON, one a line.
    case observations
    /// The ids of Observations alone, one a line.
    case identifiers
    /// Raw messages as JSON, one a line, with topic and payload in base64.
    case messages
    /// Keys of index pages as JSON, one a line: scope, sender and key in hexadecimal digits.
    case indexKeys
}

/// What an envelope held.
package struct OpenedEnvelope {
    package let scope: RegisteredScope
    /// The gateway.
    package let sender: String
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// When it was sealed, seconds since 1970, as the gateway claims.
    package var created: UInt64 = 0
    /// Strictly increasing for a sender and scope.
    package var sequence: UInt64 = 0
    package var bundles: [Bundle] = []
    /// What each of the bundles was opened from.
    package var bundleData: [[UInt8]] = []
    var indexKeys: [[UInt8]] = []
    var accounts: [AccountRecord] = []
}

/// Fetches envelopes from a privacy center and opens them with the owner's keys.
///
/// Nothing is believed that the center says: an envelope must have the hash it was asked by, its sender's signature
/// must verify, and its content must be what was sealed.
package struct EnvelopeOpener: Sendable {
    let custodian: Custodian
    let center: PrivacyCenterClient
    private let client: SecureClient?

    /// - Parameters:
    ///   - custodian: whose scopes are opened.
    ///   - center: the privacy center's address, `https://host:port`.
    /// - Throws: ``CustodianError/center(_:_:)`` for another form of address.
    package init(custodian: Custodian, center: String) throws {
        let client = SecureClient(identity: IdentityWatch(custodian.identity), servers: [.privacyCenter])
        self.custodian = custodian
        self.client = client
        self.center = try CustodianService.center(center, client)
    }

    /// Over connections that somebody else closes.
    init(custodian: Custodian, center: PrivacyCenterClient) {
        self.custodian = custodian
        self.client = nil
        self.center = center
    }

    package func close() async { await self.client?.close() }

    /// Opens everything in the given scopes.
    ///
    /// Envelopes that need an epoch key as well are opened with the copy that their sender handed to the owner.
    ///
    /// - Parameters:
    ///   - scopes: of this custodian; those for epoch keys and for accounts hold no readings and are passed over.
    ///   - output: what to write.
    ///   - write: takes lines; called in the order of the center's list.
    ///   - progress: called after each envelope.
    /// - Returns: what there was.
    /// - Throws: ``CustodianError``, or what makes an envelope untrustworthy.
    package func open(
        _ scopes: [RegisteredScope],
        as output: OpeningOutput,
        write: (ArraySlice<UInt8>) throws -> Void,
        progress: (OpeningSummary) -> Void = { _ in }
    ) async throws -> OpeningSummary {
        var summary = OpeningSummary()
        let scopes = scopes.filter(\.isForReadings)
        summary.scopes = scopes.count
        summary.epochKeys = try await self.visit(scopes) { opened in
            for bundle in opened.bundles { try Self.write(bundle, output, write, &summary) }
            for secret in opened.indexKeys {
                summary.indexKeys += 1
                guard output == .indexKeys else { continue }
                try write(OpenedIndexKey(secret, of: opened.scope, sender: opened.sender).line)
            }
            summary.envelopes += 1
            progress(summary)
        }
        return summary
    }

    /// Opens the envelopes of scopes one after the other.
    ///
    /// - Parameters:
    ///   - scopes: none of them for epoch keys.
    ///   - body: called with each envelope, in the order of the center's list.
    /// - Returns: how many epoch keys opened envelopes.
    /// - Throws: as ``open(_:as:write:progress:)``.
    package func visit(
        _ scopes: [RegisteredScope],
        _ body: (OpenedEnvelope) throws -> Void
    ) async throws -> Int {
        var used = 0
        var senders: [Digest: CertifiedKey] = [:]
        for scope in scopes {
            let key = try self.custodian.scopeKey(label: scope.label, epoch: scope.epoch)
            var epochKeys = HandedEpochKeys()
            defer { epochKeys.wipe() }
            try await self.put(scope)
            var next: UInt64?
            repeat {
                let page = try await self.center.envelopes(ofScope: scope.digest, after: next)
                for listed in page.envelopes {
                    let (envelope, sender) = try await self.fetch(listed, &senders)
                    // The copy of a key may arrive behind the first envelopes that need it.
                    if epochKeys.isLacking(envelope) { try await self.collect(&epochKeys, of: scope, &senders) }
                    var epochKey = try epochKeys.key(of: envelope)
                    defer { epochKey?.wipe() }
                    try body(try Self.open(envelope, scope, key, epochKey, sender: sender.subject))
                }
                next = page.next
            } while next != nil
            used += epochKeys.usedCount
        }
        return used
    }

    /// Collects what gateways handed over for a scope, in the scope for epoch keys of the same label and epoch.
    func collect(
        _ keys: inout HandedEpochKeys,
        of scope: RegisteredScope,
        _ senders: inout [Digest: CertifiedKey]
    ) async throws {
        let label = scope.label + ScopeKey.epochKeySuffix
        let key = try self.custodian.scopeKey(label: label, epoch: scope.epoch)
        for keyScope in try self.custodian.registry.scopes(label: label, epoch: scope.epoch) {
            try await self.put(keyScope)
            var next: UInt64?
            repeat {
                let page = try await self.center.envelopes(ofScope: keyScope.digest, after: next)
                for listed in page.envelopes {
                    let (envelope, sender) = try await self.fetch(listed, &senders)
                    let records = try envelope.open(with: key.keyPair, descriptorDigest: keyScope.digest)
                    for record in records where !record.isPadding { keys.take(record, from: sender.subject) }
                }
                next = page.next
            } while next != nil
        }
    }

    func put(_ scope: RegisteredScope) async throws {
        try await self.center.putScope(
            scope.descriptor,
            digest: scope.digest,
            ownerCertificate: scope.ownerCertificate
        )
    }

    /// An envelope of the center's list, verified.
    func fetch(
        _ listed: ListedEnvelope,
        _ senders: inout [Digest: CertifiedKey]
    ) async throws -> (VerifiedEnvelope, CertifiedKey) {
        let sender = try await self.sender(listed.senderCertificate, &senders)
        let envelope = try ParsedEnvelope(bytes: await self.center.envelope(listed.h1))
        guard envelope.indexPointer == listed.h1.bytes else {
            throw CustodianError.center(self.center.name, "it gave another envelope than the one that was asked for")
        }
        return (try envelope.verify(sender: sender), sender)
    }

    private func sender(_ digest: Digest, _ known: inout [Digest: CertifiedKey]) async throws -> CertifiedKey {
        if let key = known[digest] { return key }
        let bytes = try await self.center.certificate(digest)
        let key = try CertifiedKey(bytes: bytes, from: self.custodian.identity.issuer)
        guard key.digest == digest.bytes else {
            throw CustodianError.center(self.center.name, "it gave another certificate than the one that was asked for")
        }
        known[digest] = key
        return key
    }

    private static func open(
        _ envelope: VerifiedEnvelope,
        _ scope: RegisteredScope,
        _ key: ScopeKey,
        _ epochKey: [UInt8]?,
        sender: String
    ) throws -> OpenedEnvelope {
        let records = try envelope.open(
            with: key.keyPair,
            descriptorDigest: scope.digest,
            epochKey: epochKey
        )
        var opened = OpenedEnvelope(scope: scope, sender: sender, h1: envelope.indexPointer)
        opened.created = envelope.header.created
        opened.sequence = envelope.header.sequence
        for record in records where !record.isPadding {
            if record.type.utf8.elementsEqual(IndexKeyRecord.recordType.utf8) {
                opened.indexKeys.append(record.data)
                continue
            }
            if scope.isForAccounts, record.type.utf8.elementsEqual(AccountRecord.recordType.utf8) {
                opened.accounts.append(try AccountRecord(data: record.data))
                continue
            }
            guard record.type == Bundle.recordType else {
                throw ProtocolFailure(.format, "a record of the unknown type \(record.type)")
            }
            opened.bundles.append(try Bundle(data: record.data))
            opened.bundleData.append(record.data)
        }
        return opened
    }

    private static func write(
        _ bundle: Bundle,
        _ output: OpeningOutput,
        _ write: (ArraySlice<UInt8>) throws -> Void,
        _ summary: inout OpeningSummary
    ) throws {
        summary.observations += bundle.observations.count
        summary.messages += bundle.messages.count
        switch output {
        case .observations: for observation in bundle.observations { try write(observation.json[...]) }
        case .identifiers:
            for observation in bundle.observations { try write(ObservationIdentifier.find(in: observation.json)) }
        case .indexKeys: break
        case .messages: for message in bundle.messages { try write(OpenedMessage(message, bundle).line) }
        }
    }
}
