internal import BLSCertificates
internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Credentials
internal import Ledger
internal import Receipts
internal import Records
internal import Signcryption
internal import Spool

/// `wardline trace`: finds a reading's way in the agent's store, and checks each step of it without asking anybody.
package struct Trace {
    private let store: AgentStore
    private let identity: Identity?
    /// Receipts that an envelope needs.
    private let copies: Int
    private let genesis: Genesis?

    private var spool: Spool { self.store.spool }

    /// Opens what the configuration names.
    ///
    /// - Throws: an error whose description says what to do.
    package init(configuration: AgentConfiguration) throws {
        try self.init(
            store: AgentStore(configuration: configuration),
            identity: configuration.uplink.map { try Identity.load(directory: $0.identityDirectory) },
            copies: configuration.uplink?.copies ?? 1,
            genesis: configuration.chain?.loadGenesis()
        )
    }

    init(store: AgentStore, identity: Identity?, copies: Int, genesis: Genesis?) {
        self.store = store
        self.identity = identity
        self.copies = copies
        self.genesis = genesis
    }

    /// Traces an Observation or an envelope.
    ///
    /// - Parameter subject: an Observation's id (32 hexadecimal digits) or an envelope's index pointer (64).
    /// - Returns: all steps as far as they could be found.
    /// - Throws: ``UnknownSubject`` for another form; a database error.
    package func run(_ subject: String) throws -> TraceReport {
        try self.run(
            subject,
            found: subject.utf8.count == 32 ? TracedObservation.find(id: subject, in: self.spool) : nil
        )
    }

    /// As above with the Observation that was looked for before.
    func run(_ subject: String, found: TracedObservation?) throws -> TraceReport {
        var report = TraceReport(subject: subject)
        guard let bytes = [UInt8](hex: subject), [16, 32].contains(bytes.count) else {
            throw UnknownSubject(description: "\(subject) is neither an Observation's id nor an envelope's H1")
        }
        var h1: [UInt8]? = bytes
        if bytes.count == 16 {
            report.steps += try TracedObservation.steps(
                of: found,
                inboxes: [self.store.inbox, self.store.waves].compactMap { $0 }
            )
            h1 = try found.flatMap { try self.spool.envelope(ofObservation: $0.sequence) }
        }
        guard let h1 else {
            report.add(.init("envelope", .missing, "no envelope is known that holds the Observation"))
            return report
        }
        report.add(try self.envelope(h1))
        report.add(try self.receipts(h1))
        report.steps += try self.anchor(h1)
        return report
    }

    package struct UnknownSubject: Error, CustomStringConvertible { package let description: String }

    // MARK: - The envelope

    private func envelope(_ h1: [UInt8]) throws -> TraceReport.Step {
        var facts = ["h1": h1.hex]
        let note = try self.spool.envelopeNote(h1)
        if let note {
            facts["scope"] = note.scope.hex
            facts["sequence"] = "\(note.sequence)"
            facts["sender_certificate"] = note.sender.hex
            facts["created"] = "\(note.created)"
        }
        guard let bytes = try self.spool.envelopeBytes(h1) else {
            return note == nil
                ? .init("envelope", .missing, "nothing is known here of an envelope with this H1", facts)
                : .init("envelope", .noted, "sealed here; its bytes have been let go", facts)
        }
        do {
            let envelope = try ParsedEnvelope(bytes: bytes)
            try require(envelope.indexPointer == h1, .context, "the bytes have another H1")
            let header = envelope.header
            if let note {
                let isSame = header.scopeDigest == note.scope && header.sequence == note.sequence
                try require(isSame, .context, "the header names another scope or number")
            }
            try self.verify(envelope)
            facts["control"] = header.mode == .scopeKey ? "single" : "dual"
            if header.mode == .scopeAndEpochKey { facts["capsule"] = header.capsuleDigest.hex }
            return .init("envelope", .verified, "its bytes have this H1, and the sender's signature holds", facts)
        } catch let failure as ProtocolFailure {
            return .init("envelope", .failed, "the envelope does not verify: \(failure)", facts)
        }
    }

    private func verify(_ envelope: ParsedEnvelope) throws {
        guard let identity = self.identity else { throw ProtocolFailure(.context, "no identity names the authority") }
        let digest = envelope.header.senderCertificateDigest
        guard let certificate = try self.spool.certificate(digest) else {
            throw ProtocolFailure(.context, "the sender's certificate is not kept here")
        }
        _ = try envelope.verify(sender: CertifiedKey(bytes: certificate, from: identity.issuer))
    }

    // MARK: - The receipts

    private func receipts(_ h1: [UInt8]) throws -> TraceReport.Step {
        let name = "receipts"
        guard let identity = self.identity else { return .init(name, .off, "no uplink is configured") }
        let stored = try self.spool.receipts(of: h1)
        let audit = ReceiptAudit(spool: self.spool, identity: identity)
        var facts: [String: String] = [:]
        var keys: [Digest: CenterKey] = [:]
        for receipt in stored {
            do {
                let verified = try audit.verify(receipt, &keys)
                let place = "leaf \(verified.claim.leafIndex) of \(verified.tree.size)"
                facts[receipt.center] = "\(place), root \(verified.tree.root.bytes.hex)"
            } catch let failure as ProtocolFailure {
                return .init(name, .failed, "the receipt of \(receipt.center) does not verify: \(failure)", facts)
            }
        }
        guard stored.count >= self.copies else {
            return .init(name, .missing, "\(stored.count) of \(self.copies) receipts are here", facts)
        }
        let text = "signature, inclusion and H1 of \(stored.count) of \(self.copies) receipts hold"
        return .init(name, .verified, text, facts)
    }

    // MARK: - The anchor

    private func anchor(_ h1: [UInt8]) throws -> [TraceReport.Step] {
        guard let genesis = self.genesis else { return [.init("window", .off, "no chain is configured")] }
        guard let window = try self.spool.anchorWindow(of: h1) else {
            // Every envelope with readings is anchored.
            if let note = try self.spool.envelopeNote(h1), note.observations == 0 {
                return [.init("window", .off, "it hands the owner an epoch key, which is not anchored")]
            }
            return [.init("window", .missing, "the envelope is in no window yet")]
        }
        guard let proof = try self.spool.anchorProof(ofWindow: window.number) else {
            let why = window.reason.isEmpty ? "" : ": \(window.reason)"
            return [.init("window", .missing, "window \(window.number) is \(window.state.rawValue)\(why)")]
        }
        let check = TracedAnchor(
            window: window,
            entries: try self.spool.anchorEntries(ofWindow: window.number),
            proof: proof
        )
        let handovers = try self.spool.handovers()
        return check.steps(h1: h1, spool: self.spool) { () throws(ProtocolFailure) in
            let scheme = try ChainSignatures.required(of: genesis.committee)
            return try CommitteeBook.view(genesis: genesis, scheme: scheme, handovers: handovers)
        }
    }
}
