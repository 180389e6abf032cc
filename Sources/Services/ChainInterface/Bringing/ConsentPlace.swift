internal import Certificates
internal import Consensus
internal import Contracts
internal import Ledger

/// A scope of an organization whose consents the index channel has to know.
struct ConsentPlace: Hashable, Sendable {
    let scope: [UInt8]
    let organization: String

    /// The scopes whose consents an event of the access channel changed.
    static func changed(by event: ContractEvent) -> [ConsentPlace] {
        guard let change = ConsentChange(topic: event.topic, data: event.data) else { return [] }
        return change.scopes.map { ConsentPlace(scope: $0, organization: change.author.organization) }
    }

    /// Of the access channel's record.
    var key: [UInt8] { AccessKey.consents(of: self.scope, self.organization) }

    /// The access height up to which the index channel knows the consents; 0 for none.
    func heightKnown(to source: some SharedFactSource) async throws -> Height {
        let key = SharingKey.consents(of: self.scope, self.organization)
        guard let value = try await source.value(of: key, on: .index)?.value else { return 0 }
        return try BroughtConsents(bytes: value).height
    }
}

extension SharedFactSource {
    /// Whether the access channel has come to an epoch that the index channel does not know yet.
    func isEpochAhead() async throws -> Bool {
        let access = try await self.handovers(of: .access).last?.next.epoch ?? 0
        let index = try await self.handovers(of: .index).last?.next.epoch ?? 0
        return access > index
    }
}
