internal import CanonicalBytes
package import Certificates
internal import ChainReading
package import Contracts
internal import KeywordTags
internal import Ledger

/// A published data set, as a transaction and the newest state prove it.
package struct CataloguedDataset: Sendable, Hashable {
    package let publisher: PartyName
    package let arguments: PublishDataset
    /// The policy's text; nil when the chain does not know it.
    package let policy: String?
    /// The keywords that were asked for and that it has.
    package let keywords: [String]

    package var organization: String { self.publisher.organization }
}

/// Gives an organization's key of keywords to those who may search its catalog.
package protocol DiscoveryKeySource: Sendable {
    /// The key of an epoch.
    ///
    /// - Throws: when the organization has no custodian that answers, or refuses.
    func discoveryKey(of organization: String, epoch: UInt64) async throws -> [UInt8]
}

/// Finds data sets on the chain.
package struct DatasetCatalog: Sendable {
    /// Transactions that are looked at once.
    private static let atOnce = 16

    private let chain: any RequesterChain
    private let keys: any DiscoveryKeySource

    package init(chain: any RequesterChain, keys: any DiscoveryKeySource) {
        self.chain = chain
        self.keys = keys
    }

    /// What is published and was not withdrawn.
    ///
    /// - Parameters:
    ///   - organization: only its data sets; nil for all.
    ///   - keywords: a data set must have each.
    ///   - epochs: of the keys of keywords that are tried, newest first.
    /// - Returns: the data sets in the order of their publication, and why keywords of an organization cannot be told.
    /// - Throws: what keeps the chain from being read.
    package func search(
        organization: String? = nil,
        keywords: [String] = [],
        epochs: [UInt64] = []
    ) async throws -> (datasets: [CataloguedDataset], blind: [String: String]) {
        let topic = "index.dataset-published"
        let found = try await self.chain.events(of: EventSubjects.topic(topic), after: nil, on: .index)
            .filter { $0.topic.isSame(as: topic) }
        var standing: [(Dataset, PublishDataset)] = []
        for chunk in stride(from: 0, to: found.count, by: Self.atOnce).map({
            found[$0..<min($0 + Self.atOnce, found.count)]
        }) {
            standing += try await self.standing(Array(chunk), organization)
        }
        var tags: [String: [(String, Set<[UInt8]>)]] = [:]
        var blind: [String: String] = [:]
        var datasets: [CataloguedDataset] = []
        for (dataset, arguments) in standing {
            let owner = dataset.publisher.organization
            if !keywords.isEmpty, tags[owner] == nil, blind[owner] == nil {
                do { tags[owner] = try await self.tags(keywords, owner, epochs) } catch { blind[owner] = "\(error)" }
            }
            let matching = (tags[owner] ?? []).filter { !$0.1.isDisjoint(with: arguments.tags) }.map(\.0)
            guard matching.count == keywords.count else { continue }
            datasets.append(
                CataloguedDataset(
                    publisher: dataset.publisher,
                    arguments: arguments,
                    policy: try await self.policy(arguments.policy),
                    keywords: matching
                )
            )
        }
        return (datasets, blind)
    }

    /// One data set.
    ///
    /// - Throws: ``ShareTrouble`` for one that does not exist or was withdrawn.
    package func dataset(_ id: [UInt8]) async throws -> CataloguedDataset {
        guard let bytes = try await self.chain.fact(of: IndexKey.dataset(id), on: .index).value,
            let dataset = try? Dataset(bytes: bytes)
        else {
            throw ShareTrouble(.request, isWaiting: false, code: "no-such-dataset", "the chain has no such data set")
        }
        guard dataset.withdrawn == 0 else {
            throw ShareTrouble(.request, isWaiting: false, code: "dataset-withdrawn", "the data set was withdrawn")
        }
        return CataloguedDataset(
            publisher: dataset.publisher,
            arguments: dataset.arguments,
            policy: try await self.policy(dataset.arguments.policy),
            keywords: []
        )
    }

    /// The organization whose scope it is.
    ///
    /// - Throws: ``ShareTrouble`` for a scope that the chain does not know.
    package func organization(of scope: [UInt8]) async throws -> String {
        guard let bytes = try await self.chain.fact(of: IndexKey.scope(scope), on: .index).value,
            let record = try? ScopeRecord(bytes: bytes)
        else { throw ShareTrouble(.request, isWaiting: false, code: "scope-unknown", "the chain knows no such scope") }
        return record.owner
    }

    /// The data sets of some events that stand now; each is proven by its transaction and by the state.
    private func standing(
        _ events: [FoundEvent],
        _ organization: String?
    ) async throws -> [(Dataset, PublishDataset)] {
        try await withThrowingTaskGroup(of: (Int, (Dataset, PublishDataset)?).self) { group in
            for (number, event) in events.enumerated() {
                group.addTask { (number, try await self.standing(event, organization)) }
            }
            var found = [(Dataset, PublishDataset)?](repeating: nil, count: events.count)
            for try await (number, dataset) in group { found[number] = dataset }
            return found.compactMap(\.self)
        }
    }

    private func standing(_ event: FoundEvent, _ organization: String?) async throws -> (Dataset, PublishDataset)? {
        guard let proof = try await self.chain.proof(of: event.transaction, on: .index), proof.receipt.code == 0,
            let arguments = try? proof.arguments(PublishDataset.self)
        else { return nil }
        guard let bytes = try await self.chain.fact(of: IndexKey.dataset(arguments.dataset), on: .index).value,
            let dataset = try? Dataset(bytes: bytes), dataset.withdrawn == 0, dataset.arguments == arguments
        else { return nil }
        guard organization == nil || dataset.publisher.organization.isSame(as: organization ?? "") else { return nil }
        return (dataset, arguments)
    }

    /// The tags that each keyword has under the keys of some epochs.
    private func tags(
        _ keywords: [String],
        _ organization: String,
        _ epochs: [UInt64]
    ) async throws -> [(String, Set<[UInt8]>)] {
        var tags = keywords.map { ($0, Set<[UInt8]>()) }
        for epoch in epochs {
            let key = try KeywordKey(await self.keys.discoveryKey(of: organization, epoch: epoch))
            for (number, keyword) in keywords.enumerated() {
                tags[number].1.insert(KeywordTags.tag(try Keyword(keyword), key))
            }
        }
        return tags
    }

    private func policy(_ digest: [UInt8]) async throws -> String? {
        try await self.chain.fact(of: ZeroKnowledgeKey.policy(digest), on: .access).value.map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
