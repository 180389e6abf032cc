internal import Logging
internal import MLLPIngest
internal import PatientMovements
internal import ServiceLifecycle
package import Spool

/// The MLLP listeners with the thread that makes their messages durable.
final class MLLPIntake: Sendable {
    private let committer: MessageCommitter
    private let listeners: [MLLPListener]

    /// Messages that a sender may repeat after a crash are looked for among so many.
    private static let storedLastMax = 4_096

    /// Reads certificates and the messages stored last; nothing listens yet.
    ///
    /// - Returns: nil without a listener.
    /// - Throws: ``ListenerFailure``, or when the inbox does not open.
    init?(_ configuration: AgentConfiguration, store: AgentStore, logger: Logger) throws {
        guard !configuration.listeners.isEmpty else { return nil }
        let inbox = store.inbox
        let committer = MessageCommitter(
            secret: try store.dedupSecret(),
            storedLast: try inbox.recent(ofBroker: MLLPOrigin.broker, messagesMax: Self.storedLastMax).map(\.burst)
        ) { burst in
            _ = try inbox.append(burst)
        }
        self.committer = committer
        self.listeners = try configuration.listeners.map { settings throws(ListenerFailure) in
            try MLLPListener(settings, committer: committer, logger: logger)
        }
    }

    /// In the order of start: the listeners end before the thread that stores what they took.
    var services: [any Service] {
        [
            BlockingService(name: "mllp", work: self.committer.run, requestStop: self.committer.requestStop),
            ListenerService(listeners: self.listeners),
        ]
    }

    var state: AgentStatus.Intake {
        AgentStatus.Intake(
            heartbeat: self.committer.heartbeat,
            failure: self.committer.failure,
            listeners: self.listeners.map { ($0.settings.name, $0.state) }
        )
    }
}

/// Listens until the agent stops, then lets every connection finish what was stored.
private struct ListenerService: Service {
    let listeners: [MLLPListener]

    func run() async throws {
        for listener in self.listeners { try await listener.start() }
        try? await gracefulShutdown()
        for listener in self.listeners { await listener.stop() }
    }
}

extension AgentConfiguration {
    /// Whose each bed is by ADT messages; nil when this agent takes none.
    ///
    /// - Throws: when the key of pseudonyms or a row of the spool cannot be used.
    package func patientBook(_ spool: Spool) throws -> PatientBook? {
        guard let adt = self.adt, let file = self.pseudonymKeyFile else { return nil }
        return try PatientBook(adt, pseudonyms: PatientPseudonyms(keyFile: file), spool: spool)
    }

    /// Sentences about what is wrong with the listeners' files; empty when they can be used.
    var listenerProblems: [String] {
        self.listeners.compactMap { settings in
            do throws(ListenerFailure) {
                try MLLPListener.check(settings)
                return nil
            } catch { return error.description }
        }
    }
}
