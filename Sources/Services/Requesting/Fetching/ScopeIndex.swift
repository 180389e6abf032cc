internal import AttributeEncryption
internal import AttributeIssuing
internal import CanonicalBytes
internal import Certificates
internal import ChainReading
internal import Contracts
internal import IndexPages
internal import Ledger
internal import Records
internal import Signcryption
internal import Transcripts

/// Finds out which envelopes of a scope are anchored: attribute key, index keys, pages.
struct ScopeIndex: Sendable {
    /// Anchors of one segment, and proofs that are fetched at once.
    private static let segmentLength = 256
    private static let fetchesAtOnce = 16

    let scope: ScopeFolder
    let parties: ShareParties
    let receiver: RequesterKey
    /// Gets the gateways whose index keys are sealed, before these are opened.
    let found: @Sendable ([String]) -> Void
    let note: @Sendable (ShareStep) throws -> Void

    /// Envelopes, and what keeps pages closed.
    typealias Anchored = (envelopes: [AnchoredEnvelope], closed: [String])

    /// Every anchored envelope of the scope that can be read of by now, in the order of the chain.
    ///
    /// - Returns: the envelopes, and what keeps pages closed.
    /// - Throws: ``ShareTrouble`` when nothing can be opened.
    func anchored(under permission: Permission) async throws -> Anchored {
        var (envelopes, known) = try self.kept()
        // A folder without anchors reads everything again.
        var progress = known.isEmpty ? IndexProgress() : try self.scope.indexProgress()
        let events = try await self.parties.chain.events(of: self.scope.scope, after: progress.cursor, on: .index)
        let keys: [String: IndexPages.IndexKey]
        if permission.kind.needsNoPolicy {
            keys = try await self.handedKeys(&progress, permission)
        } else {
            try await self.readSenders(events, &progress)
            self.found(progress.senders.map(\.name))
            keys = try await self.indexKeys(progress, permission)
        }
        try self.note(.indexKeys)
        let waiting = try progress.pending.map { pending in
            guard let id = [UInt8](hex: pending.transaction) else {
                throw ShareFolderError.damaged("\(self.scope.share.path)/\(self.scope.folder)/index.json")
            }
            let place = EventPlace(height: pending.height, place: pending.place)
            return FoundEvent(place: place, transaction: id, topic: Self.anchored)
        }
        let anchors = (waiting + events.filter { $0.topic.isSame(as: Self.anchored) })
            .filter { !known.contains($0.place) }
        progress.pending = []
        for start in stride(from: 0, to: anchors.count, by: Self.segmentLength) {
            let chunk = Array(anchors[start..<min(start + Self.segmentLength, anchors.count)])
            let (opened, closed) = try await self.open(chunk, keys)
            if !opened.isEmpty {
                try self.scope.write(opened.map(\.anchor), number: (self.scope.segments(.anchors).last ?? 0) + 1)
            }
            envelopes += opened.flatMap(\.envelopes)
            known.formUnion(opened.map(\.anchor.place))
            progress.pending += closed
        }
        if let last = events.last { progress.advance(to: last.place) }
        // After the segments: what is read twice is found there again.
        try self.scope.write(progress)
        try self.note(.pages)
        return (Self.distinct(envelopes), progress.pending.map(\.why))
    }

    private static let anchored = "index.anchored"
    private static let wrapped = "index.wrapped"

    private func kept() throws -> ([AnchoredEnvelope], Set<EventPlace>) {
        var envelopes: [AnchoredEnvelope] = []
        var places: Set<EventPlace> = []
        for number in self.scope.segments(.anchors) {
            for anchor in try self.scope.anchors(number) {
                do throws(ProtocolFailure) {
                    let proof = try TransactionProof(bytes: anchor.proof)
                    envelopes += try PageOpening.envelopes(proof, key: anchor.pageKey, scope: self.scope.scope)
                } catch {
                    throw ShareFolderError.damaged(
                        "\(self.scope.share.path)/\(self.scope.name(.anchors, number)) (\(error))"
                    )
                }
                places.insert(anchor.place)
            }
        }
        return (envelopes, places)
    }

    /// An envelope that two anchors list counts once, as of its first.
    private static func distinct(_ envelopes: [AnchoredEnvelope]) -> [AnchoredEnvelope] {
        var seen: Set<[UInt8]> = []
        return envelopes.filter { seen.insert($0.h1.bytes).inserted }
    }

    // MARK: - Keys

    /// Learns from new events which senders have a sealed index key, and which is the newest.
    private func readSenders(_ events: [FoundEvent], _ progress: inout IndexProgress) async throws {
        var names: [PartyName] = []
        for event in events where event.topic.isSame(as: Self.wrapped) {
            guard let proof = try await self.parties.chain.proof(of: event.transaction, on: .index),
                proof.receipt.code == 0, let wrap = try? proof.arguments(WrapIndexKey.self),
                wrap.scope == self.scope.scope, !names.contains(wrap.sender)
            else { continue }
            names.append(wrap.sender)
        }
        for name in names {
            let fact = try await self.parties.chain.fact(of: IndexKey.wrap(self.scope.scope, name), on: .index)
            guard let record = fact.value.flatMap({ try? IndexKeyWrap(bytes: $0) }) else { continue }
            progress.set(name.description, record.digest)
        }
    }

    private typealias IndexKey = Contracts.IndexKey

    private func indexKeys(
        _ progress: IndexProgress,
        _ permission: Permission
    ) async throws -> [String: IndexPages.IndexKey] {
        guard !progress.senders.isEmpty else {
            throw ShareTrouble(
                .indexKeys,
                isWaiting: true,
                code: "no-index-key",
                "the custodian has sealed no index key of this scope yet"
            )
        }
        var keys: [String: IndexPages.IndexKey] = [:]
        var decryptor: AttributeDecryptor?
        var last: ShareTrouble?
        for sender in progress.senders {
            guard let digest = [UInt8](hex: sender.digest) else { continue }
            if var secret = try self.scope.read(.indexKey(digest)) {
                defer { secret.wipe() }
                keys[sender.name] = try? IndexPages.IndexKey(secret)
                continue
            }
            if decryptor == nil { decryptor = try await self.attributeKey(permission).decryptor }
            guard let opening = decryptor else { continue }
            do { keys[sender.name] = try await self.open(digest, opening, sender.name) } catch {
                last = try ShareTrouble(error, at: .indexKeys)
            }
        }
        if keys.isEmpty, let last { throw last }
        try self.note(.attributeKey)
        return keys
    }

    private func open(
        _ digest: [UInt8],
        _ decryptor: AttributeDecryptor,
        _ sender: String
    ) async throws -> IndexPages.IndexKey {
        var last = "no privacy center has it"
        for blob in try await self.parties.wraps.wraps(of: digest) {
            do throws(ProtocolFailure) {
                let isMeant = TaggedHash.digest("INDEX-WRAP", blob) == digest
                try require(isMeant, .context, "a privacy center has another one under this digest")
                var secret = try decryptor.open(blob, associated: self.scope.scope)
                defer { secret.wipe() }
                let key = try IndexPages.IndexKey(secret)
                do { try self.scope.write(secret, to: .indexKey(digest)) } catch { last = "\(error)" }
                return key
            } catch {
                last = error.code == .unsatisfied ? "the attributes do not satisfy the policy" : "\(error)"
            }
        }
        throw ShareTrouble(.indexKeys, isWaiting: true, "the index key of \(sender) does not open: \(last)")
    }

    /// The index keys that the custodian hands over itself, since no policy need be satisfied.
    private func handedKeys(
        _ progress: inout IndexProgress,
        _ permission: Permission
    ) async throws -> [String: IndexPages.IndexKey] {
        var keys = try self.keptKeys(progress)
        // A page that stays closed may be one of a new gateway.
        guard keys.isEmpty || keys.count < progress.senders.count || !progress.pending.isEmpty else { return keys }
        do {
            let handover = try await self.parties.grants.indexKeys(of: permission)
            try self.take(handover, &progress, permission)
            keys = try self.keptKeys(progress)
        } catch {
            let trouble = try ShareTrouble(error, at: .indexKeys)
            if keys.isEmpty { throw trouble }
        }
        return keys
    }

    private func keptKeys(_ progress: IndexProgress) throws -> [String: IndexPages.IndexKey] {
        var keys: [String: IndexPages.IndexKey] = [:]
        for sender in progress.senders {
            guard let digest = [UInt8](hex: sender.digest), var secret = try self.scope.read(.indexKey(digest)) else {
                continue
            }
            defer { secret.wipe() }
            keys[sender.name] = try? IndexPages.IndexKey(secret)
        }
        return keys
    }

    /// Opens what was handed over and keeps it; nothing of a handover that does not open as a whole is kept.
    private func take(
        _ handover: IndexKeyHandover,
        _ progress: inout IndexProgress,
        _ permission: Permission
    ) throws {
        var opened: [(sender: String, secret: [UInt8])] = []
        defer { for place in opened.indices { opened[place].secret.wipe() } }
        do throws(ProtocolFailure) {
            let isMeant = handover.permission == permission.id && handover.scope == self.scope.scope
            try require(isMeant, .context, "it is for another permission or scope")
            try require(!handover.entries.isEmpty, .format, "it is empty")
            for entry in handover.entries {
                opened.append((entry.sender, try handover.open(entry, with: self.receiver.key)))
            }
        } catch {
            let why = "the index keys that the custodian handed over do not open: \(error)"
            throw ShareTrouble(.indexKeys, isWaiting: true, code: "false-index-key", why)
        }
        for (sender, secret) in opened {
            let digest = TaggedHash.digest("HANDED-INDEX-KEY", permission.id, self.scope.scope, Array(sender.utf8))
            try self.scope.write(secret, to: .indexKey(digest))
            progress.set(sender, digest)
        }
    }

    /// The attribute key that is kept, or a new one.
    private func attributeKey(_ permission: Permission) async throws -> AttributeKeyFile {
        if var bytes = try self.scope.read(.attributeKey) {
            defer { bytes.wipe() }
            if let kept = try? AttributeKeyFile(bytes: bytes), kept.permission == permission.id { return kept }
        }
        let held: HeldAttributeKey
        do { held = try await self.parties.attributeKeys.key(for: permission, to: self.receiver) } catch {
            throw try ShareTrouble(error, at: .attributeKey)
        }
        let file = AttributeKeyFile(permission: permission.id, publicKey: held.publicKey, key: held.key)
        var bytes = try file.secretBytes()
        defer { bytes.wipe() }
        try self.scope.write(bytes, to: .attributeKey)
        return file
    }

    // MARK: - Pages

    private struct Opened: Sendable {
        let anchor: KeptAnchor
        let envelopes: [AnchoredEnvelope]
    }

    /// Opens the pages of some anchors; those whose key is not there yet are told with the reason.
    private func open(
        _ anchors: [FoundEvent],
        _ keys: [String: IndexPages.IndexKey]
    ) async throws -> (opened: [Opened], closed: [IndexProgress.Pending]) {
        let results = try await withThrowingTaskGroup(of: (Int, Result<Opened, ShareTrouble>).self) { group in
            var results = [Result<Opened, ShareTrouble>?](repeating: nil, count: anchors.count)
            for number in anchors.indices.prefix(Self.fetchesAtOnce) {
                group.addTask { (number, try await self.open(anchors[number], keys)) }
            }
            var next = min(Self.fetchesAtOnce, anchors.count)
            while let (number, result) = try await group.next() {
                results[number] = result
                guard next < anchors.count else { continue }
                let following = next
                group.addTask { (following, try await self.open(anchors[following], keys)) }
                next += 1
            }
            return results
        }
        var opened: [Opened] = []
        var closed: [IndexProgress.Pending] = []
        for (event, result) in zip(anchors, results) {
            switch result {
            case .success(let page): opened.append(page)
            case .failure(let trouble):
                closed.append(
                    IndexProgress.Pending(
                        height: event.place.height,
                        place: event.place.place,
                        transaction: event.transaction.hex,
                        why: trouble.why
                    )
                )
            case nil: continue
            }
        }
        return (opened, closed)
    }

    private func open(
        _ event: FoundEvent,
        _ keys: [String: IndexPages.IndexKey]
    ) async throws -> Result<Opened, ShareTrouble> {
        guard let proof = try await self.parties.chain.proof(of: event.transaction, on: .index) else {
            return .failure(ShareTrouble(.pages, isWaiting: true, "no validator proves an anchor that it lists"))
        }
        do throws(ProtocolFailure) {
            let anchor = try proof.arguments(Anchor.self)
            let sender = anchor.gateway.description
            guard let key = keys[sender] else {
                return .failure(ShareTrouble(.pages, isWaiting: true, "no index key of \(sender) yet"))
            }
            let pageKey = PageOpening.key(key, (self.scope.scope, anchor.window, sender))
            let envelopes = try PageOpening.envelopes(proof, key: pageKey, scope: self.scope.scope)
            let place = EventPlace(height: event.place.height, place: event.place.place)
            return .success(
                Opened(
                    anchor: KeptAnchor(place: place, proof: proof.bytes, pageKey: pageKey),
                    envelopes: envelopes
                )
            )
        } catch {
            return .failure(ShareTrouble(.pages, isWaiting: false, "a page does not open: \(error)"))
        }
    }
}

extension Permission.Kind {
    /// Whether the scope's policy says nothing about it, so that the custodian hands over the index keys itself.
    var needsNoPolicy: Bool {
        switch self {
        case .offered, .emergency: true
        case .decided, .proven: false
        }
    }
}
