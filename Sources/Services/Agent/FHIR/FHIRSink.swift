internal import Foundation
internal import Logging
internal import Spool
internal import Synchronization
internal import TraceContexts

/// Copies Observations from the spool to a FHIR R4 server.
///
/// Its position in the spool goes on once the server has everything up to it. What was sent before a crash, or before a connection
/// broke without an answer, is sent again: the server recognises each Observation by its identifier, so that it has each once.
final class FHIRSink: ObservationSink {
    private struct Shared {
        var stopping = false
        var heartbeat: UInt64 = 0
        var failure: String?
        var written: UInt64 = 0
        var counts = FHIRDelivery.Counts()
        var client: FHIRClient?
    }

    /// The longest wait after a failure.
    private static let waitMillisecondsMax = 60_000
    /// Failures in a row after which certificates are read anew and the server is asked what it is.
    private static let failuresMax = 4

    let name: String
    private let server: AgentConfiguration.FHIRServer
    private let spool: Spool
    private let logger: Logger
    /// The first wait after a failure, doubled up to a minute, the last quarter at random.
    private let waitMillisecondsMin: Int
    private let shared = Mutex(Shared())

    init(
        name: String,
        server: AgentConfiguration.FHIRServer,
        spool: Spool,
        logger: Logger,
        waitMillisecondsMin: Int = 500
    ) {
        self.waitMillisecondsMin = waitMillisecondsMin
        self.name = name
        self.server = server
        self.spool = spool
        self.logger = logger
    }

    func requestStop() {
        let client = self.shared.withLock { shared in
            shared.stopping = true
            return shared.client
        }
        client?.cancel()
    }

    var heartbeat: UInt64 { self.shared.withLock { $0.heartbeat } }
    var failure: String? { self.shared.withLock { $0.failure } }
    var written: UInt64 { self.shared.withLock { $0.written } }
    var counts: FHIRDelivery.Counts? { self.shared.withLock { $0.counts } }

    func run() {
        var failures = 0
        while self.beat() {
            do {
                try self.deliver(&failures)
            } catch {
                self.note(failure: "\(error)")
                failures += 1
                self.wait(failures, atLeast: nil)
            }
        }
    }

    /// Connects and delivers until the server fails too often or the sink stops.
    ///
    /// - Parameter failures: in a row; 0 after each portion that has arrived.
    /// - Throws: what keeps it from delivering.
    private func deliver(_ failures: inout Int) throws {
        let client = try FHIRClient(self.server)
        self.shared.withLock { $0.client = client }
        defer {
            self.shared.withLock { $0.client = nil }
            client.close()
        }
        // First of all, so that nothing is deleted that the server lacks.
        var sequence = try self.spool.registerSink(self.name).sequence
        try self.checkServer(client)
        while self.beat() {
            guard let chunk = try self.spool.observations(after: sequence).first else {
                self.note(failure: nil)
                self.pause(milliseconds: 50)
                continue
            }
            let portion = FHIRPortion(
                chunk,
                entriesMax: self.server.entriesMax,
                takesSeries: self.server.takesWaveforms
            )
            let trace = TraceContext()
            guard let refused = try trace.perform({ try self.send(portion, client, &failures) }) else { return }
            try trace.perform { try self.keep(refused, of: portion) }
            sequence = portion.lastSequence
            try self.spool.advanceSink(self.name, to: sequence, fileOffset: 0)
            self.shared.withLock { $0.written += UInt64(portion.entries.count - refused.count) }
            self.note(failure: nil)
            failures = 0
        }
    }

    /// A wrong address answers many things; a FHIR server of this release says that it is one.
    private func checkServer(_ client: FHIRClient) throws {
        struct Statement: Decodable {
            let resourceType: String
            let fhirVersion: String
        }
        let response = try client.capabilities()
        guard response.status == 200 else {
            throw SinkFailure("\(self.server.url)/metadata answers HTTP \(response.status)")
        }
        guard let statement = try? JSONDecoder().decode(Statement.self, from: Data(response.body)),
            statement.resourceType == "CapabilityStatement", statement.fhirVersion.hasPrefix("4.0")
        else { throw SinkFailure("\(self.server.url)/metadata is no CapabilityStatement of FHIR R4") }
    }

    /// Sends a portion until the server has answered for each Observation.
    ///
    /// - Returns: what the server will never take; nil when the sink stops before the end.
    private func send(
        _ portion: FHIRPortion,
        _ client: FHIRClient,
        _ failures: inout Int
    ) throws -> [(entry: FHIRSubmission.Entry, why: String)]? {
        var delivery = FHIRDelivery(portion.entries)
        let mode = self.server.isTransaction ? FHIRSubmission.Mode.transaction : .batch
        let before = self.shared.withLock { $0.counts }
        while let entries = delivery.next {
            guard self.beat() else { return nil }
            var wait: Int?
            let answer: FHIRAnswer
            do throws(SinkFailure) {
                let response = try client.submit(FHIRSubmission.bundle(entries, mode: mode))
                wait = response.retryAfterSeconds
                answer = FHIRAnswer(status: response.status, body: response.body, to: entries)
            } catch { answer = .none(error.description) }
            let step = delivery.take(answer)
            self.shared.withLock { $0.counts = before + delivery.counts }
            guard case .wait(let why) = step else { continue }
            failures += 1
            self.note(failure: why)
            self.wait(failures, atLeast: wait)
            guard failures.isMultiple(of: Self.failuresMax), self.beat() else { continue }
            throw SinkFailure(why)
        }
        return delivery.refused
    }

    /// Keeps what the server refused before the position goes beyond it.
    private func keep(_ refused: [(entry: FHIRSubmission.Entry, why: String)], of portion: FHIRPortion) throws {
        guard portion.unreadable == 0 else { throw SinkFailure("the spool holds a line that is no Observation") }
        guard let first = refused.first else { return }
        guard let path = self.server.refusedFile else {
            throw SinkFailure(
                "the server refuses \(refused.count) Observations (\(first.why)), the first with identifier \(first.entry.id); "
                    + "mend the server, or set refused_file"
            )
        }
        try RefusedFile.append(refused.map { $0.entry.resource }, to: path)
        self.logger.warning(
            "the FHIR server refuses Observations",
            metadata: [
                "sink": "\(self.name)", "observations": "\(refused.count)", "why": "\(first.why)", "file": "\(path)",
            ]
        )
    }

    private func beat() -> Bool {
        self.shared.withLock { shared in
            shared.heartbeat = monotonicNanoseconds()
            return !shared.stopping
        }
    }

    private func note(failure: String?) {
        let isNew = self.shared.withLock { shared in
            defer { shared.failure = failure }
            return failure != nil && shared.failure != failure && !shared.stopping
        }
        if isNew { self.logger.warning("sink waits", metadata: ["sink": "\(self.name)", "why": "\(failure ?? "")"]) }
    }

    /// Waits longer after each failure, and at least as long as the server asks.
    private func wait(_ failures: Int, atLeast seconds: Int?) {
        let doubled = self.waitMillisecondsMin << min(max(failures - 1, 0), 10)
        let bound = min(Self.waitMillisecondsMax, doubled)
        let own = Int(Double(bound) * Double.random(in: 0.75...1))
        self.pause(milliseconds: max(own, (seconds ?? 0) * 1_000))
    }

    /// Sleeps, with signs of life, until the time is over or the sink stops.
    private func pause(milliseconds: Int) {
        let end = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
        while self.beat() {
            let now = monotonicNanoseconds()
            guard now < end else { return }
            usleep(UInt32(min(end - now, 100_000_000) / 1_000))
        }
    }
}
