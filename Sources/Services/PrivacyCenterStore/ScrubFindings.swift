internal import Synchronization

/// Collects what a scrub finds, passes it on, and says when to stop.
final class ScrubFindings: Sendable {
    private let state = Mutex(ScrubReport())
    private let stopped = Atomic(false)
    private let report: @Sendable (ScrubEvent) -> Void

    init(_ report: @escaping @Sendable (ScrubEvent) -> Void) { self.report = report }

    var result: ScrubReport { self.state.withLock { $0 } }

    /// Makes the next ``progress(_:done:total:)`` throw.
    func stop() { self.stopped.store(true, ordering: .relaxed) }

    func add(_ place: String, _ key: String, _ problem: String) {
        let finding = ScrubFinding(place: place, key: key, problem: problem)
        self.state.withLock { report in
            report.findingCount += 1
            if report.findings.count < ScrubReport.findingsMax { report.findings.append(finding) }
        }
        self.report(.finding(finding))
    }

    func note(_ text: String) { self.state.withLock { $0.notes.append(text) } }

    func count(_ body: (inout ScrubReport) -> Void) { self.state.withLock { body(&$0) } }

    /// - Throws: ``StoreError/cancelled`` after ``stop()``.
    func progress(_ place: String, done: UInt64, total: UInt64) throws {
        if self.stopped.load(ordering: .relaxed) { throw StoreError.cancelled }
        self.report(.progress(place: place, done: done, total: total))
    }

    /// Runs one part of a scrub; what the database cannot read is a finding, and the next part goes on.
    func examine(_ place: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            try self.add(error, place: place, key: "")
        }
    }

    /// Makes a finding of an error, unless it says that the store cannot be reached or the scrub is to stop.
    func add(_ error: any Error, place: String, key: String) throws {
        switch error as? StoreError {
        case .unavailable, .cancelled, .closed, .busy: throw error
        case let known?: self.add(place, key, known.description)
        case nil: self.add(place, key, String(describing: error))
        }
    }
}
