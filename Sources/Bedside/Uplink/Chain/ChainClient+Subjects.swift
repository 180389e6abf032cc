internal import Consensus
package import Ledger

extension ChainClient {
    /// Entries that one validator may name in all.
    private static let entriesMax = 1_000_000

    /// What happened to a subject: what `f + 1` validators say together, so that a correct one is among them.
    ///
    /// Nothing of it is proven: an entry counts when its transaction's proof, from ``proof(of:on:)``, has the event. An
    /// event of the last moment may be missing where the correct one among them is a block behind.
    ///
    /// - Parameters:
    ///   - subject: 32 bytes: a scope, a request, a permission and so on, see `EventSubjects`.
    ///   - place: only what comes after it; nil for everything.
    ///   - limit: entries at most, the first ones behind the place.
    ///   - channel: of the events.
    /// - Returns: ascending, each once.
    /// - Throws: ``UplinkFailure`` when too few answer; `refused` with 410 `pruned` when their blocks do not go back to
    ///   the place.
    package func events(
        of subject: [UInt8],
        after place: SubjectPlace?,
        limit: Int = 1_000_000,
        on channel: Channel
    ) async throws(UplinkFailure) -> [SubjectEntry] {
        var rest = self.inTurn
        let needed = min(self.genesis.committee.oneCorrect, rest.count)
        guard needed > 0 else { throw .unreachable("no validator is configured") }
        var found: Set<SubjectEntry> = []
        var (answers, last) = (0, UplinkFailure.unreachable("no validator answered"))
        while answers < needed, !rest.isEmpty {
            let asked = Array(rest.prefix(needed - answers))
            rest.removeFirst(asked.count)
            for result in await Self.ask(asked, subject, place, limit, channel) {
                switch result {
                case .success(let entries):
                    answers += 1
                    found.formUnion(entries)
                case .failure(let failure): last = failure
                }
            }
        }
        guard answers >= needed else { throw last }
        return Array(found.sorted().prefix(limit))
    }

    /// Asks several validators at once.
    private static func ask(
        _ validators: [ValidatorClient],
        _ subject: [UInt8],
        _ place: SubjectPlace?,
        _ limit: Int,
        _ channel: Channel
    ) async -> [Result<[SubjectEntry], UplinkFailure>] {
        await withTaskGroup(of: Result<[SubjectEntry], UplinkFailure>.self) { group in
            for validator in validators {
                group.addTask {
                    do throws(UplinkFailure) {
                        return .success(try await self.all(of: subject, after: place, limit, channel, from: validator))
                    } catch { return .failure(error) }
                }
            }
            var results: [Result<[SubjectEntry], UplinkFailure>] = []
            for await result in group { results.append(result) }
            return results
        }
    }

    private static func all(
        of subject: [UInt8],
        after place: SubjectPlace?,
        _ limit: Int,
        _ channel: Channel,
        from validator: ValidatorClient
    ) async throws(UplinkFailure) -> [SubjectEntry] {
        let most = min(limit, self.entriesMax)
        var entries: [SubjectEntry] = []
        while entries.count < most {
            let size = min(SubjectEntry.answerMax, most - entries.count)
            let page = try await validator.events(
                of: subject,
                after: entries.last?.place ?? place,
                limit: size,
                on: channel
            )
            entries += page
            if page.count < size { break }
        }
        return entries
    }
}
