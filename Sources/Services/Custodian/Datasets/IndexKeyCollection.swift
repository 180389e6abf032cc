internal import Bundles
internal import CanonicalBytes
internal import Certificates
internal import Records
internal import Signcryption
internal import Synchronization
internal import Transcripts
internal import Uplink

/// Collects index keys by opening envelopes at privacy centers, each envelope once while it runs.
final class IndexKeyCollection: IndexKeyPost {
    private struct Place: Hashable {
        let scope: [UInt8]
        let center: String
        let mark: [UInt8]
    }

    /// Envelopes behind a position that were opened already: the last part of a list is shown again until it is full.
    private struct Opened {
        var position: UInt64?
        var envelopes: Set<Digest> = []
    }

    let centers: [String]
    private let custodian: Custodian
    private let clients: [String: PrivacyCenterClient]
    private let http: SecureClient
    private let opened = Mutex<[Place: Opened]>([:])

    /// Starts nothing.
    ///
    /// - Parameters:
    ///   - custodian: whose scopes are opened.
    ///   - centers: addresses of privacy centers.
    ///   - client: closed with this.
    /// - Throws: ``CustodianError/center(_:_:)`` for another form of address.
    init(custodian: Custodian, centers: [String], client: SecureClient) throws {
        self.custodian = custodian
        self.centers = centers
        self.http = client
        self.clients = try Dictionary(
            centers.map { ($0, try CustodianService.center($0, client)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func close() async { await self.http.close() }

    func put(_ blob: [UInt8], digest: [UInt8], to center: String) async throws {
        try await self.client(center).putWrap(blob, digest: digest)
    }

    func collect(
        _ scope: RegisteredScope,
        at center: String,
        from position: UInt64?,
        mark: [UInt8],
        take: ([CollectedIndexKey]) throws -> Void
    ) async throws -> UInt64? {
        let client = try self.client(center)
        let opener = EnvelopeOpener(custodian: self.custodian, center: client)
        let place = Place(scope: scope.digest, center: center, mark: mark)
        var reading = IndexKeyReading(opener: opener, scope: scope, key: try self.scopeKey(scope))
        defer { reading.wipe() }
        try await opener.put(scope)
        var known = self.opened.withLock { $0[place] } ?? Opened(position: position)
        if known.position != position { known = Opened(position: position) }
        var (after, reached, isComplete) = (position, position, true)
        while true {
            let page = try await client.envelopes(ofScope: scope.digest, after: after)
            for listed in page.envelopes where !known.envelopes.contains(listed.h1) {
                if let keys = try await reading.keys(in: listed) {
                    try take(keys)
                    known.envelopes.insert(listed.h1)
                } else {
                    isComplete = false
                }
            }
            guard let next = page.next else { break }
            if isComplete {
                known = Opened(position: next)
                reached = next
            }
            after = next
        }
        let kept = known
        self.opened.withLock { $0[place] = kept }
        return reached
    }

    private func client(_ center: String) throws -> PrivacyCenterClient {
        guard let client = self.clients[center] else { throw CustodianError.center(center, "it is not configured") }
        return client
    }

    private func scopeKey(_ scope: RegisteredScope) throws -> ScopeKey {
        try self.custodian.scopeKey(label: scope.label, epoch: scope.epoch)
    }
}

/// Opens one scope's envelopes in turn for the index keys in them.
private struct IndexKeyReading {
    let opener: EnvelopeOpener
    let scope: RegisteredScope
    let key: ScopeKey
    private var epochKeys = HandedEpochKeys()
    private var senders: [Digest: CertifiedKey] = [:]

    init(opener: EnvelopeOpener, scope: RegisteredScope, key: ScopeKey) {
        self.opener = opener
        self.scope = scope
        self.key = key
    }

    mutating func wipe() { self.epochKeys.wipe() }

    /// The index keys in one envelope; nil when it does not open because its epoch key was not handed over yet.
    ///
    /// - Throws: what makes an envelope untrustworthy, or keeps the center from answering.
    mutating func keys(in listed: ListedEnvelope) async throws -> [CollectedIndexKey]? {
        let (envelope, sender) = try await self.opener.fetch(listed, &self.senders)
        if self.epochKeys.isLacking(envelope) {
            try await self.opener.collect(&self.epochKeys, of: self.scope, &self.senders)
        }
        var epochKey: [UInt8]?
        do { epochKey = try self.epochKeys.key(of: envelope) } catch { return nil }
        defer { epochKey?.wipe() }
        let records = try envelope.open(
            with: self.key.keyPair,
            descriptorDigest: self.scope.digest,
            epochKey: epochKey
        )
        return records.filter { !$0.isPadding && $0.type.utf8.elementsEqual(IndexKeyRecord.recordType.utf8) }
            .filter { $0.data.count == 32 }
            .map { CollectedIndexKey(sender: sender.subject, key: $0.data) }
    }
}
