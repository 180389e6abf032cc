import CanonicalBytes
import Glibc
import LedgerStore

/// What a validator reads back from its disk, or gets as a part of a snapshot.
enum StoreTargets {
    static let all: [Target] = [
        Target.canonical("entry-chunk", weight: 4, family: .store) { (bytes) throws(ProtocolFailure) in
            EntryChunk.bytes(try EntryChunk.entries(bytes))
        },
        Target(name: "write-ahead-log", weight: 2, family: .store) { bench, payload, random in
            guard let log = bench.log else { return .broken("no directory for a log") }
            return log.run(payload, &random)
        },
    ]

    static let seeds: [[UInt8]] = [
        EntryChunk.bytes([]),
        EntryChunk.bytes([
            StateEntry(key: [1], value: [1, 2, 3]), StateEntry(key: [1, 0], value: []),
            StateEntry(key: [2], value: [UInt8](repeating: 9, count: 100)),
        ]),
    ]
}

/// A log in a directory of its own, which is opened again and again after somebody has damaged its file.
///
/// Whatever the file holds: either the log is refused, or it holds the first entries as they were written.
final class DamagedLog {
    private let directory: String
    private let file: String
    private let pristine: [UInt8]
    private let entries: [LogEntry]

    /// Writes the log into a new directory, on memory where there is such a file system.
    ///
    /// - Throws: the failures of the disk.
    init() throws(LedgerStoreFailure) {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/wardline-fuzz-XXXXXX".utf8CString)
        let isMade = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard isMade else { throw .ioError("cannot make a directory in \(parent)") }
        self.directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let opened = try Self.open(self.directory)
        for number in 0..<12 as Range<UInt8> {
            try opened.log.append(kind: 1 + number % 3, [UInt8](repeating: number, count: Int(number) * 9))
            if number % 4 == 3 { try opened.log.sync() }
        }
        self.entries = try Self.open(self.directory).entries
        self.file = "\(self.directory)/wal/\(Self.segmentName)"
        self.pristine = try Self.read(self.file)
    }

    deinit {
        for name in ["wal/\(Self.segmentName)", "wal", "wal.marker", ""] { remove("\(self.directory)/\(name)") }
    }

    private static let segmentName = "0000000000000001.wal"

    private static func open(_ directory: String) throws(LedgerStoreFailure) -> OpenedLog {
        try WriteAheadLog.open(
            directory: "\(directory)/wal",
            marker: "\(directory)/wal.marker",
            reserveBytes: 512
        )
    }

    func run(_ payload: [UInt8], _ random: inout Randomness) -> Verdict {
        var bytes = self.pristine
        Mutator.mutate(&bytes, with: random.once(in: 2) ? self.pristine : payload, &random)
        guard Self.write(bytes, to: self.file) else { return .broken("cannot write \(self.file)") }
        do throws(LedgerStoreFailure) {
            let opened = try Self.open(self.directory)
            guard self.entries.starts(with: opened.entries) else { return .broken("entries that nobody wrote") }
            if bytes == self.pristine && opened.entries != self.entries { return .broken("entries are gone") }
            return .accepted
        } catch {
            switch error {
            case .corrupt: return .refused("corrupt")
            case .foreign: return .refused("foreign")
            default: return .broken("\(error)")
            }
        }
    }

    private static func read(_ path: String) throws(LedgerStoreFailure) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw .ioError("cannot read \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "we") else { return false }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }
}
