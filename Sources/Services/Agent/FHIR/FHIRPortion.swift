internal import Spool

/// Observations of the spool that go to a FHIR server in one request: bounded, and no identifier twice.
///
/// What a server makes of two entries for one resource in a Bundle is its own affair, so that a correction never travels with
/// what it corrects.
struct FHIRPortion {
    /// Bytes of Observations at most, unless one alone has more.
    static let bytesMax = 1 << 20

    private(set) var entries: [FHIRSubmission.Entry] = []
    /// Sequence of the last Observation: where to go on once the server has all.
    let lastSequence: Int64
    /// Lines that are no Observations of the writer; never on a spool that this program wrote.
    private(set) var unreadable = 0

    /// Cuts the next portion out of a chunk.
    ///
    /// - Parameters:
    ///   - chunk: consecutive Observations, at least one.
    ///   - entriesMax: at least 1.
    ///   - takesSeries: whether blocks of waveforms go along; they are passed over otherwise.
    init(_ chunk: ObservationChunk, entriesMax: Int, takesSeries: Bool = true) {
        var taken = 0
        var bytes = 0
        var ids: Set<String> = []
        for line in chunk.lines.split(separator: UInt8(ascii: "\n"), maxSplits: entriesMax) {
            guard taken < entriesMax, taken == 0 || bytes + line.count <= Self.bytesMax else { break }
            if let entry = FHIRSubmission.Entry(line: line) {
                guard ids.insert(entry.id).inserted else { break }
                if takesSeries || !entry.isSeries { self.entries.append(entry) }
            } else {
                self.unreadable += 1
            }
            taken += 1
            bytes += line.count
        }
        self.lastSequence = chunk.firstSequence + Int64(taken) - 1
    }
}
