internal import CanonicalBytes
internal import ChainInterface
internal import Consensus
internal import Ledger
internal import Validator

/// A validator as its interface sees it.
struct IslandBackend: ChainBackend {
    let validator: Validator

    var genesis: Genesis { self.validator.genesis }

    func submit(_ bytes: [UInt8], waitMilliseconds: UInt64) async throws(ChainRefusal) -> TransactionProof? {
        do throws(SubmissionFailure) {
            return try await self.validator.submit(bytes, waitMilliseconds: waitMilliseconds)
        } catch {
            guard let refusal = Self.refusal(error) else { return nil }
            throw refusal
        }
    }

    func offer(_ transactions: [[UInt8]]) async -> [ChainRefusal?] {
        await self.validator.offer(transactions).map { $0.flatMap(Self.refusal) }
    }

    func proof(of id: [UInt8], on channel: Channel) async throws(ChainRefusal) -> TransactionProof? {
        do throws(QueryFailure) { return try self.validator.proof(of: id, channel: channel) } catch {
            throw Self.refusal(error)
        }
    }

    func isWaiting(_ id: [UInt8], on channel: Channel) async -> Bool {
        await self.validator.isWaiting(id, channel: channel)
    }

    func valueProof(of key: [UInt8], on channel: Channel) async throws(ChainRefusal) -> ValueProof {
        do throws(QueryFailure) { return try await self.validator.valueProof(key, channel: channel) } catch {
            throw Self.refusal(error)
        }
    }

    func height(of channel: Channel) -> Height { self.validator.height(of: channel) }

    func block(at height: Height, on channel: Channel) async throws(ChainRefusal) -> ServedBlock? {
        do throws(QueryFailure) {
            return try self.validator.block(at: height, channel: channel).map {
                ServedBlock(block: $0.block, payload: $0.bytes, certificate: $0.certificate, receipts: $0.receipts)
            }
        } catch { throw Self.refusal(error) }
    }

    func events(
        of subject: [UInt8],
        after place: EventPlace?,
        limit: Int,
        on channel: Channel
    ) async throws(ChainRefusal) -> [SubjectEvent] {
        let cursor = place.map { EventCursor(height: $0.height, index: $0.index) }
        do throws(QueryFailure) {
            let found = try await self.validator.events(of: subject, after: cursor, limit: limit, channel: channel)
            return found.map {
                SubjectEvent(
                    place: EventPlace(height: $0.cursor.height, index: $0.cursor.index),
                    transaction: $0.transaction,
                    topic: $0.topic
                )
            }
        } catch { throw Self.refusal(error) }
    }

    func waitForBlock(above height: Height, on channel: Channel) async {
        var events = try? self.validator.events(channel: channel, from: EventCursor(height: height, index: .max))
            .makeAsyncIterator()
        _ = try? await events?.next()
    }

    func handovers(after epoch: CommitteeEpoch, on channel: Channel) async throws(ChainRefusal) -> [Handover] {
        do throws(QueryFailure) { return try await self.validator.handovers(after: epoch, channel: channel) } catch {
            throw Self.refusal(error)
        }
    }

    func status() async -> ChainStatus {
        var status = ChainStatus(
            chain: self.genesis.chain,
            genesis: self.genesis.digest.hex,
            number: self.validator.number.number,
            name: "v\(self.validator.number.number)"
        )
        status.isRunning = self.validator.status().isRunning
        return status
    }

    /// - Returns: nil when the outcome is open, which is no refusal.
    private static func refusal(_ failure: SubmissionFailure) -> ChainRefusal? {
        switch failure {
        case .malformed(let detail): .malformed(detail)
        case .badSignature(let detail): .notVerified(code: failure.code, detail)
        case .inadmissible(let code): .inadmissible(code: code)
        case .poolFull(let code): .poolFull(code: code)
        case .notReady(let detail): .notReady(detail)
        case .timedOut: nil
        }
    }

    private static func refusal(_ failure: QueryFailure) -> ChainRefusal {
        switch failure {
        case .pruned(let earliest): .pruned(earliest: earliest)
        case .notReady(let detail): .notReady(detail)
        case .noBlock: .noBlock
        case .damaged(let detail): .damaged(detail)
        }
    }
}
