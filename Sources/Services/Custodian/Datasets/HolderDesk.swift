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

    /// Tells the chain about scopes whose holder it does not know.
    func tellHolders() async throws {
        let holders = try self.store.holders()
        guard !holders.isEmpty else { return }
        let held = try self.store.held()
        var new: [String: [[UInt8]]] = [:]
        for scope in try self.custodian.registry.scopes() where scope.isForReadings {
            // A label's own holder comes before the holder of all labels of its tag.
            let nearest = holders.filter { scope.belongs(to: $0.prefix) }.max {
                $0.prefix.utf8.count < $1.prefix.utf8.count
            }
            guard let patient = nearest?.patient, held[scope.digest] != patient else { continue }
            new[patient, default: []].append(scope.digest)
        }
        for (name, digests) in new.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            guard let patient = PartyName(name) else { continue }
            let sorted = digests.sorted { $0.lexicographicallyPrecedes($1) }
            for start in stride(from: 0, to: sorted.count, by: SetScopeHolder.countMax) {
                let some = Array(sorted[start..<min(start + SetScopeHolder.countMax, sorted.count)])
                try await self.chain.call(SetScopeHolder(holder: patient, scopes: some), needless: [.holderKnown])
                try self.store.markHeld(some, by: name)
            }
        }
    }
}

extension RegisteredScope {
    /// Whether the label is a tag, or begins with it and a dot: one tag's beginning is not another's.
    func belongs(to tag: String) -> Bool {
        let (label, tag) = (Array(self.label.utf8), Array(tag.utf8))
        return label == tag || label.starts(with: tag + [UInt8(ascii: ".")])
    }
}
