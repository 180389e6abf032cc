internal import Certificates
internal import ChainReading
internal import Contracts
internal import Ledger

extension ConsortiumLink: DatasetChain {
    func policyBinding(of scope: [UInt8]) async throws -> PolicyBinding? {
        try await self.record(
            PolicyBinding.self,
            at: ZeroKnowledgeKey.binding(of: scope, self.organization),
            on: .access
        )
    }

    func dataset(_ id: [UInt8]) async throws -> Dataset? {
        try await self.record(Dataset.self, at: IndexKey.dataset(id), on: .index)
    }

    func attributeKey(of authority: PartyName) async throws -> [UInt8]? {
        try await self.record(AttributeKeyRecord.self, at: RegistryKey.attributeKey(authority), on: .access)?.publicKey
    }

    func call(_ arguments: some MethodArguments, needless: Set<RejectionCode>) async throws {
        _ = try await self.writer.submit(arguments, needless: needless)
    }
}
