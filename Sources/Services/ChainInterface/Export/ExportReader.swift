internal import CanonicalBytes
package import Consensus
internal import Foundation
internal import Ledger

/// Reads an exported channel from its beginning to its end, one block in memory at a time.
package final class ExportReader {
    /// Bytes that are read at once.
    private static let pieceBytes = 1 << 20

    package let header: ExportHeader
    /// Bytes of the whole file.
    package let size: UInt64
    /// Bytes up to the end of what was read last.
    package private(set) var offset: UInt64 = 0
    /// Blocks read so far, which is the height of the last one in a sound file.
    package private(set) var count: Height = 0
    private let file: FileHandle
    private var buffer: ArraySlice<UInt8> = []

    /// Opens a file and reads its header.
    ///
    /// - Throws: ``ExportFailure`` for a file that cannot be read or is no export.
    package init(_ path: String) throws(ExportFailure) {
        do {
            self.file = try FileHandle(forReadingFrom: URL(filePath: path))
            self.size = try self.file.seekToEnd()
            try self.file.seek(toOffset: 0)
        } catch { throw ExportFailure("cannot read \(path)") }
        var source = Source(file: self.file, buffer: [], offset: 0)
        guard try source.take(4) == ExportHeader.magic else { throw ExportFailure("\(path) is no exported chain") }
        let genesis = try source.lengthPrefixed(upTo: ExportHeader.genesisBytesMax, "genesis")
        guard let number = try source.take(1).first, let channel = Channel(rawValue: number) else {
            throw ExportFailure("\(path) names no channel")
        }
        do throws(ProtocolFailure) {
            self.header = ExportHeader(genesis: try Genesis(bytes: genesis), channel: channel)
        } catch { throw ExportFailure("the genesis in \(path) is damaged: \(error)") }
        self.buffer = source.buffer
        self.offset = source.offset
    }

    deinit { try? self.file.close() }

    /// The next block with its certificate; nil at the end.
    ///
    /// - Throws: ``ExportFailure`` for a file that ends within a block or holds a length out of bounds; ``offset`` stays
    ///   at the end of the last whole block.
    package func next() throws(ExportFailure) -> (payload: [UInt8], certificate: [UInt8])? {
        guard self.offset < self.size else { return nil }
        var source = Source(file: self.file, buffer: self.buffer, offset: self.offset)
        defer { self.buffer = source.buffer }
        do throws(ExportFailure) {
            let payload = try source.lengthPrefixed(upTo: LedgerBlock.bytesMax, "block")
            let certificate = try source.lengthPrefixed(upTo: ExportHeader.certificateBytesMax, "certificate")
            self.offset = source.offset
            self.count += 1
            return (payload, certificate)
        } catch { throw ExportFailure(error.description, height: self.count + 1) }
    }

    /// The file's bytes, a piece ahead.
    private struct Source {
        let file: FileHandle
        var buffer: ArraySlice<UInt8>
        var offset: UInt64

        mutating func take(_ count: Int) throws(ExportFailure) -> [UInt8] {
            while self.buffer.count < count {
                let wanted = max(ExportReader.pieceBytes, count - self.buffer.count)
                let piece: Data?
                do { piece = try self.file.read(upToCount: wanted) } catch {
                    throw ExportFailure("cannot read on at byte \(self.offset)")
                }
                guard let piece, !piece.isEmpty else {
                    throw ExportFailure("the file ends in the middle of something, after byte \(self.offset)")
                }
                self.buffer = ArraySlice(Array(self.buffer) + piece)
            }
            let bytes = Array(self.buffer.prefix(count))
            self.buffer = self.buffer.dropFirst(count)
            self.offset += UInt64(count)
            return bytes
        }

        mutating func lengthPrefixed(upTo limit: Int, _ what: String) throws(ExportFailure) -> [UInt8] {
            let length = try self.take(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= limit else {
                throw ExportFailure("a \(what) of \(length) bytes at byte \(self.offset - 4)")
            }
            return try self.take(length)
        }
    }
}
