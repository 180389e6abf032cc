internal import CanonicalBytes
package import Certificates
package import Contracts
internal import Ledger
package import Uplink

/// A scope that a patient holds, or a label, and what is said about its sharing.
package struct HeldScope: Sendable {
    /// The digest of the scope, or of the label.
    package let scope: [UInt8]
    /// Whether it is a label, which scopes of hers are of.
    package internal(set) var isLabel = false
    /// Whose custodian named her the holder.
    package let organization: String
    /// Entries that are in force or will be; over ones may be among them.
    package let consents: ScopeConsents

    init(_ scope: [UInt8], of organization: String, _ consents: ScopeConsents) {
        self.scope = scope
        self.organization = organization
        self.consents = consents
    }
}

/// Reads from the chain what a patient holds and what she said; every answer is proven.
package struct ConsentBook: Sendable {
    private let client: ChainClient

    package init(_ client: ChainClient) { self.client = client }

    /// The scopes that a patient is the holder of now.
    ///
    /// - Throws: `UplinkFailure`; `ProtocolFailure` for what no contract wrote.
    package func scopes(heldBy patient: PartyName) async throws -> [HeldScope] {
        try await self.everything(heldBy: patient).filter { !$0.isLabel }
    }

    /// The scopes that a patient is the holder of now, and the labels that they are of.
    ///
    /// - Throws: as ``scopes(heldBy:)``.
    package func everything(heldBy patient: PartyName) async throws -> [HeldScope] {
        var held = try await self.held(by: patient)
        // A label is told by the scopes that are of it.
        let labels = Set(held.compactMap(\.consents.label))
        for place in held.indices { held[place].isLabel = labels.contains(held[place].scope) }
        return held
    }

    private func held(by patient: PartyName) async throws -> [HeldScope] {
        var held: [HeldScope] = []
        for scope in try await self.named(patient) {
            let organization = patient.organization
            let holder = try await self.client.value(of: AccessKey.holder(of: scope, organization), on: .access)
            guard let record = try holder.value.map({ try ScopeHolder(bytes: $0) }), record.holder == patient else {
                continue
            }
            let consents = try await self.client.value(of: AccessKey.consents(of: scope, organization), on: .access)
            held.append(
                HeldScope(
                    scope,
                    of: organization,
                    try consents.value.map { try ScopeConsents(bytes: $0) } ?? ScopeConsents()
                )
            )
        }
        return held
    }

    /// The statements about scopes and labels, also withdrawn ones: consents and offers, in the order in which they were made.
    ///
    /// - Throws: as ``scopes(heldBy:)``.
    package func statements(about scopes: [HeldScope]) async throws -> [ConsentStatement] {
        var known: Set<[UInt8]> = []
        var statements: [ConsentStatement] = []
        let listed = scopes.flatMap(\.consents.entries).map(\.consent)
        for id in try await listed + self.stated(about: scopes) where known.insert(id).inserted {
            if let statement = try await self.statement(id) { statements.append(statement) }
        }
        return statements.sorted { $0.stated < $1.stated }
    }

    /// A consent or an offer by its identifier; nil when there is none.
    package func statement(_ id: [UInt8]) async throws -> ConsentStatement? {
        if let bytes = try await self.client.value(of: AccessKey.consent(id), on: .access).value {
            return ConsentStatement(try Consent(bytes: bytes))
        }
        guard let bytes = try await self.client.value(of: AccessKey.offer(id), on: .access).value else { return nil }
        return ConsentStatement(try Offer(bytes: bytes))
    }

    /// Identifiers of all statements that were ever made about scopes: a withdrawn one is in no scope's list any more.
    private func stated(about scopes: [HeldScope]) async throws -> [[UInt8]] {
        var transactions: [[UInt8]] = []
        for scope in scopes {
            for entry in try await self.client.events(of: scope.scope, after: nil, on: .access)
            where Self.isStatement(entry.topic) && !transactions.contains(entry.transaction) {
                transactions.append(entry.transaction)
            }
        }
        var ids: [[UInt8]] = []
        for transaction in transactions {
            guard let proof = try await self.client.proof(of: transaction, on: .access) else { continue }
            ids += Self.statements(in: proof.receipt.events, of: scopes.map(\.organization))
        }
        return ids
    }

    private static func isStatement(_ topic: String) -> Bool {
        [ConsentSet.topic, AccessOffered.topic].contains { $0.utf8.elementsEqual(topic.utf8) }
    }

    /// What events say was stated by parties of organizations; others have no say in their scopes.
    static func statements(in events: [ContractEvent], of organizations: [String]) -> [[UInt8]] {
        events.filter { self.isStatement($0.topic) }
            .compactMap { ConsentChange(topic: $0.topic, data: $0.data) }
            .filter { change in
                organizations.contains { $0.utf8.elementsEqual(change.author.organization.utf8) }
            }
            .map(\.id)
    }

    /// The scopes that she was ever named the holder of.
    private func named(_ patient: PartyName) async throws -> [[UInt8]] {
        let entries = try await self.client.events(of: EventSubjects.party(patient), after: nil, on: .access)
        var scopes: Set<[UInt8]> = []
        for entry in entries where entry.topic.utf8.elementsEqual("access.scope-holder".utf8) {
            guard let proof = try await self.client.proof(of: entry.transaction, on: .access) else { continue }
            scopes.formUnion(try SetScopeHolder(bytes: proof.transaction.body.arguments).scopes)
        }
        return scopes.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
