internal import Certificates
internal import Contracts
internal import Credentials
internal import Ledger

extension DatasetDesk {
    /// Notes that a patient holds the scopes whose labels begin with a tag, those of later weeks too.
    ///
    /// - Parameters:
    ///   - patient: of the custodian's organization.
    ///   - prefix: a whole label, or what stands before a dot of labels.
    /// - Throws: ``DatasetError/order(_:)``, or a database error.
    func hold(_ patient: PartyName, prefix: String) throws {
        let bare = prefix.utf8.last == UInt8(ascii: ".") ? String(prefix.dropLast()) : prefix
        guard (1...128).contains(bare.utf8.count) else { throw DatasetError.order("a label prefix has 1 to 128 bytes") }
        guard patient.role == .patient,
            patient.organization.utf8.elementsEqual(self.custodian.identity.name.organization.utf8)
        else {
            throw DatasetError.order("the holder must be a patient of \(self.custodian.identity.name.organization)")
        }
        try self.store.keepHolder(patient.description, prefix: bare)
    }

    /// Tells the chain about scopes that patients hold: first of which label each is, then whose scopes and labels they
    /// are.
    ///
    /// In this order a patient never sees a label that binds nothing.
    func tellHolders() async throws {
        let holders = try self.store.holders()
        guard !holders.isEmpty else { return }
        let held = try self.store.held()
        let labelled = try self.store.labelled()
        var scopes: [String: [[UInt8]]] = [:]
        var digests: [String: Set<[UInt8]>] = [:]
        for scope in try self.custodian.registry.scopes() where scope.isForReadings {
            guard let patient = holders.nearest(to: scope) else { continue }
            if labelled[scope.digest] == nil { scopes[scope.label, default: []].append(scope.digest) }
            if held[scope.digest] != patient { digests[patient, default: []].insert(scope.digest) }
            let label = labelled[scope.digest] ?? self.custodian.labelDigest(scope.label)
            if held[label] != patient { digests[patient, default: []].insert(label) }
        }
        for (label, new) in scopes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let digest = self.custodian.labelDigest(label)
            for some in new.ascending(upTo: SetScopeLabel.countMax) {
                try await self.chain.call(SetScopeLabel(label: digest, scopes: some), needless: [.labelKnown])
                try self.store.markLabelled(some, as: digest)
            }
        }
        for (name, new) in digests.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            guard let patient = PartyName(name) else { continue }
            for some in Array(new).ascending(upTo: SetScopeHolder.countMax) {
                try await self.chain.call(SetScopeHolder(holder: patient, scopes: some), needless: [.holderKnown])
                try self.store.markHeld(some, by: name)
            }
        }
    }
}

extension DatasetStore {
    /// Whether the chain was told whose a scope is and of which label, as far as a patient holds it: before that, what
    /// she said about the whole label cannot act on the scope, and nothing of it is granted.
    func isTold(_ scope: RegisteredScope) throws -> Bool {
        guard let patient = try self.holders().nearest(to: scope) else { return true }
        guard let label = try self.label(of: scope.digest) else { return false }
        return try self.isHeld(scope.digest, by: patient) && self.isHeld(label, by: patient)
    }
}

extension [(prefix: String, patient: String)] {
    /// Who holds a scope: a label's own holder comes before the holder of all labels of its tag.
    fileprivate func nearest(to scope: RegisteredScope) -> String? {
        self.filter { scope.belongs(to: $0.prefix) }.max { $0.prefix.utf8.count < $1.prefix.utf8.count }?.patient
    }
}

extension [[UInt8]] {
    /// In ascending order, in portions that one call takes.
    fileprivate func ascending(upTo count: Int) -> [[[UInt8]]] {
        let sorted = self.sorted { $0.lexicographicallyPrecedes($1) }
        return stride(from: 0, to: sorted.count, by: count).map { Array(sorted[$0...].prefix(count)) }
    }
}

extension RegisteredScope {
    /// Whether the label is a tag, or begins with it and a dot: one tag's beginning is not another's.
    func belongs(to tag: String) -> Bool {
        let (label, tag) = (Array(self.label.utf8), Array(tag.utf8))
        return label == tag || label.starts(with: tag + [UInt8(ascii: ".")])
    }
}
