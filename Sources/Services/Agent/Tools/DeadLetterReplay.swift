internal import DeviceProfiles
internal import Normalization
internal import Records
package import Spool

/// Sends dead letters through the profiles that are installed now.
package struct DeadLetterReplay {
    /// What a replay brought.
    package struct Summary: Sendable, Equatable {
        package var tried = 0
        /// Letters that are resolved now.
        package var resolved = 0
        package var observations = 0
        /// Letters that fail still, with the reason of each.
        package var failing: [(id: Int64, reason: String)] = []

        package static func == (left: Summary, right: Summary) -> Bool {
            left.tried == right.tried && left.resolved == right.resolved && left.observations == right.observations
                && left.failing.map(\.id) == right.failing.map(\.id)
        }
    }

    private let store: AgentStore
    private let library: ProfileLibrary
    private let naming: PatientNaming
    private let shareIntake: ShareIntake?
    private let configuration: AgentConfiguration

    /// Opens what a replay needs; the agent may run meanwhile.
    ///
    /// - Throws: when the store does not open. Profiles that are refused now leave their letters where they are.
    package init(configuration: AgentConfiguration) throws {
        self.store = try AgentStore(configuration: configuration)
        self.library = ProfileLibrary.load(directories: configuration.deviceDirectories).library
        self.naming = try configuration.patientNaming()
        self.shareIntake = try configuration.shareIntake()
        self.configuration = configuration
    }

    /// Replays letters; each one that yields its readings is resolved in the transaction that stores them.
    package func run(_ letters: [StoredDeadLetter]) throws -> Summary {
        var summary = Summary()
        var processor = MessageProcessor(
            library: self.library,
            state: try self.store.decoderState(),
            normalizer: try self.store.normalizer(naming: self.naming),
            streams: try self.store.streamNaming(),
            shareIntake: self.shareIntake,
            patients: try self.configuration.patientBook(self.store.spool)
        )
        for stored in letters {
            summary.tried += 1
            try self.replay(stored, &processor, &summary)
        }
        return summary
    }

    private func replay(
        _ stored: StoredDeadLetter,
        _ processor: inout MessageProcessor,
        _ summary: inout Summary
    ) throws {
        var output = NormalizedBatch()
        // The same content may have arrived often; each arrival is a message of its own.
        for receipt in try self.store.spool.receipts(of: stored.id) {
            let burst = stored.letter.burst(receivedAt: receipt.receivedAt)
            guard let (message, _) = burst.message(at: 0) else { continue }
            processor.process(message, of: burst, number: receipt.messageNumber, position: 0, into: &output)
        }
        if let failure = output.deadLetters.first {
            summary.failing.append((stored.id, failure.reasonText))
            return
        }
        processor.writeMovements(to: &output)
        output.replayed[stored.id] = output.replayOutcome
        let outcome = try self.store.spool.commit(output)
        processor.movementsAreSaved()
        summary.resolved += 1
        summary.observations += outcome.observationsStored
    }
}

extension NormalizedBatch {
    /// What came of a replayed letter, in words.
    fileprivate var replayOutcome: String {
        if !self.shareRequests.isEmpty { return "share request" }
        if !self.movements.messages.isEmpty { return "movement of a patient" }
        if !self.movements.repeatedMessages.isEmpty { return "known movement of a patient" }
        return self.items.isEmpty ? "ignored by the profile" : "normalized"
    }
}

extension DeadLetter {
    /// The message as it arrived.
    fileprivate func burst(receivedAt: Int64) -> MessageBurst {
        var burst = MessageBurst()
        Array(self.topic.utf8).withUnsafeBytes { topic in
            self.payload.withUnsafeBytes { payload in
                burst.append(
                    topic: topic,
                    payload: payload,
                    receivedAt: receivedAt,
                    packetIdentifier: 0,
                    retained: self.retained,
                    broker: self.broker
                )
            }
        }
        // What the size limit cut stays cut: a beginning may well decode, to a wrong value.
        if self.reasonCode == "oversized" { burst.mark(messagesAt: [0], as: .truncated) }
        return burst
    }
}
