internal import Certificates
package import ChainReading
internal import Ledger

/// What came of one round of fetching a share.
package struct FetchOutcome: Sendable {
    package let scopes: [ScopeOutcome]
    /// What was written; nil when nothing new came.
    package let export: ExportSummary?

    package var isComplete: Bool { self.scopes.allSatisfy { $0.trouble == nil } }

    /// Whether somebody else's deed or time alone may bring it on.
    package var isWaiting: Bool { self.scopes.contains { $0.trouble?.isWaiting ?? false } }
}

/// Fetches all scopes of a share, writes the data and what the requester vouches for.
package struct ShareFetch: Sendable {
    /// Scopes that are fetched at once.
    private static let scopesAtOnce = 4

    private let folder: ShareFolder
    private let parties: ShareParties
    private let receiver: RequesterKey
    private let patience: Int

    /// - Parameters:
    ///   - folder: of the share; the caller holds its lock.
    ///   - parties: of the consortium.
    ///   - receiver: the key that the share was asked for under.
    ///   - patience: how long a custodian may take for a grant, ms.
    /// - Throws: ``ShareTrouble`` for another key than the folder names.
    package init(_ folder: ShareFolder, parties: ShareParties, receiver: RequesterKey, patience: Int) throws {
        guard try folder.requesterCertificate() == receiver.certificate.bytes else {
            throw ShareTrouble(.request, isWaiting: false, "the share was asked for under another certificate")
        }
        self.folder = folder
        self.parties = parties
        self.receiver = receiver
        self.patience = patience
    }

    /// Takes every scope as far as it goes.
    ///
    /// - Parameters:
    ///   - format: of the data.
    ///   - progress: called as things go on, from any task.
    /// - Returns: what came of each scope, and what was written.
    /// - Throws: for a folder that cannot be used, or data that cannot be written.
    package func run(
        _ format: ShareFormat,
        progress: @escaping @Sendable (FetchProgress) -> Void
    ) async throws -> FetchOutcome {
        let entries = try self.folder.record().scopes
        let outcomes = try await withThrowingTaskGroup(of: (Int, ScopeOutcome).self) { group in
            var outcomes = [ScopeOutcome?](repeating: nil, count: entries.count)
            for number in entries.indices.prefix(Self.scopesAtOnce) {
                group.addTask { (number, try await self.fetch(entries[number], progress)) }
            }
            var next = min(Self.scopesAtOnce, entries.count)
            while let (number, outcome) = try await group.next() {
                outcomes[number] = outcome
                guard next < entries.count else { continue }
                let following = next
                group.addTask { (following, try await self.fetch(entries[following], progress)) }
                next += 1
            }
            return outcomes.compactMap(\.self)
        }
        return FetchOutcome(scopes: outcomes, export: try await self.export(outcomes, format))
    }

    private func fetch(
        _ entry: ShareRecord.Scope,
        _ progress: @escaping @Sendable (FetchProgress) -> Void
    ) async throws -> ScopeOutcome {
        try await ScopeFetch(
            ScopeFolder(self.folder, entry),
            parties: self.parties,
            receiver: self.receiver,
            patience: self.patience,
            progress: progress
        ).run()
    }

    /// Writes the data when something new came, another format is wanted, or a former run was interrupted.
    private func export(_ outcomes: [ScopeOutcome], _ format: ShareFormat) async throws -> ExportSummary? {
        guard outcomes.contains(where: { $0.opened > 0 }) else { return nil }
        let export = try ShareExport(self.folder)
        // What a run left that was killed while it changed the data.
        for rest in ["new", "old"] { self.folder.remove("\(ShareFolder.data).\(rest)") }
        let isFresh = outcomes.contains { $0.fresh > 0 } || export.format != format
        let summary = isFresh || !self.folder.has(Provenance.signatureName) ? try export.write(format) : nil
        for channel in Channel.allCases {
            let handovers = try await self.parties.chain.handovers(on: channel)
            let isKnown = try self.folder.handovers(channel) == handovers
            if !isKnown || !self.folder.has(ShareFolder.handoversName(channel.name)) {
                try self.folder.write(handovers, of: channel)
            }
        }
        for outcome in outcomes where outcome.opened > 0 {
            let notebook = Notebook(self.folder, outcome.scope)
            try notebook.note(.data, .done, at: self.parties.clock())
        }
        // Always: acknowledgements and evidence may have come without new data.
        try Provenance.write(in: self.folder, by: self.receiver, at: self.parties.clock() / 1_000)
        return summary
    }
}
