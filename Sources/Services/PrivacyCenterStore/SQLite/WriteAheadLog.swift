/// SQLite's write-ahead log as it lies on the disk (SQLite's file format §4).
///
/// SQLite takes the first frame with a wrong checksum for the log's end. A flipped bit would make it forget, without a
/// word, everything that was committed behind: so the log is read before SQLite reads it.
struct WriteAheadLog {
    /// What tells one filling of the log from the next.
    struct Salts: Equatable {
        let first: UInt32
        let second: UInt32
    }

    /// A run of frames.
    struct Content {
        let salts: Salts
        /// Frames from the start of the log whose checksums hold, or, for a live log, that carry its salts.
        let frames: Int
        /// Pages of the frames that were looked at.
        let pages: Set<UInt32>
    }

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    private let file: RawFile
    private let pageBytes: Int

    init(file: RawFile, pageBytes: Int) {
        self.file = file
        self.pageBytes = pageBytes
    }

    var isEmpty: Bool { self.file.size == 0 }

    /// Reads the whole log and checks every sum; nil when not even the header holds.
    func verifiedContent() throws(StoreError) -> Content? {
        guard let header = try self.header(), let order = ByteOrder(magic: header.bigEndian32(at: 0)) else {
            return nil
        }
        var sum = Checksum(order: order)
        sum.add(header[..<24])
        guard sum.matches(header, at: 24) else { return nil }
        let salts = Self.salts(header, at: 16)
        var (frames, pages) = (0, Set<UInt32>())
        while true {
            let frame = try self.file.read(Self.frameHeaderBytes + self.pageBytes, at: self.offset(ofFrame: frames))
            guard frame.count == Self.frameHeaderBytes + self.pageBytes, Self.salts(frame, at: 8) == salts else {
                break
            }
            sum.add(frame[..<8])
            sum.add(frame[Self.frameHeaderBytes...])
            guard sum.matches(frame, at: 16) else { break }
            pages.insert(frame.bigEndian32(at: 0))
            frames += 1
        }
        return Content(salts: salts, frames: frames, pages: pages)
    }

    /// The frames of a log that was just written, without their content.
    ///
    /// Frames that are known are not looked at again, if the salts are still the same.
    func content(behind known: (salts: Salts, frames: Int)?) throws(StoreError) -> Content? {
        guard let header = try self.header() else { return nil }
        let salts = Self.salts(header, at: 16)
        var frames = known.map { $0.salts == salts ? $0.frames : 0 } ?? 0
        var pages = Set<UInt32>()
        while true {
            let frame = try self.file.read(Self.frameHeaderBytes, at: self.offset(ofFrame: frames))
            guard frame.count == Self.frameHeaderBytes, Self.salts(frame, at: 8) == salts else { break }
            pages.insert(frame.bigEndian32(at: 0))
            frames += 1
        }
        return Content(salts: salts, frames: frames, pages: pages)
    }

    private func header() throws(StoreError) -> [UInt8]? {
        let header = try self.file.read(Self.headerBytes, at: 0)
        return header.count == Self.headerBytes ? header : nil
    }

    private func offset(ofFrame frame: Int) -> Int {
        Self.headerBytes + frame * (Self.frameHeaderBytes + self.pageBytes)
    }

    private static func salts(_ bytes: [UInt8], at offset: Int) -> Salts {
        Salts(first: bytes.bigEndian32(at: offset), second: bytes.bigEndian32(at: offset + 4))
    }

    private enum ByteOrder {
        case little, big

        init?(magic: UInt32) {
            switch magic {
            case 0x377f_0682: self = .little
            case 0x377f_0683: self = .big
            default: return nil
            }
        }
    }

    /// The sum of SQLite's file format §4.2, which runs on from frame to frame.
    private struct Checksum {
        private let order: ByteOrder
        private var sums: (UInt32, UInt32) = (0, 0)

        init(order: ByteOrder) { self.order = order }

        mutating func add(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBytes { buffer in
                for offset in stride(from: 0, to: buffer.count - 7, by: 8) {
                    let first = self.word(buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                    let second = self.word(buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                    self.sums.0 &+= first &+ self.sums.1
                    self.sums.1 &+= second &+ self.sums.0
                }
            }
        }

        func matches(_ bytes: [UInt8], at offset: Int) -> Bool {
            bytes.bigEndian32(at: offset) == self.sums.0 && bytes.bigEndian32(at: offset + 4) == self.sums.1
        }

        private func word(_ word: UInt32) -> UInt32 {
            self.order == .little ? UInt32(littleEndian: word) : UInt32(bigEndian: word)
        }
    }
}
