internal import CZlib
package import CanonicalBytes

/// Builds bundles one after the other: encodes, deflates and pads.
///
/// Keeps the state of its compressor, because making one costs more than compressing a small bundle. Not thread-safe.
package final class BundleWriter {
    /// Fields of the encoding that a message has besides topic and payload, and an Observation besides its JSON.
    private static let messageOverhead = 19
    private static let observationOverhead = 8

    private var stream = z_stream()
    private var profiles: [Bundle.Profile] = []
    private var messages = CanonicalWriter()
    private var observations = CanonicalWriter()
    private var messageCount = 0
    /// Observations of the bundle in work.
    package private(set) var observationCount = 0

    /// - Throws: `FORMAT` when memory is short.
    package init() throws(ProtocolFailure) {
        // Measured on FHIR Observations (docs/spec/bundle.md): levels 1 to 3 cost the same, level 4 twice as much for
        // an output 5 % smaller.
        let status = deflateInit2_(
            &self.stream,
            Self.level,
            Z_DEFLATED,
            -MAX_WBITS,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        try require(status == Z_OK, .format, "zlib cannot start")
    }

    deinit { deflateEnd(&self.stream) }

    private static let level: Int32 = 3

    /// Bytes of the bundle in work before compression.
    package var encodedBytes: Int { self.messages.bytes.count + self.observations.bytes.count }

    /// Begins a message; the Observations that follow come from it, at least one.
    ///
    /// - Parameters:
    ///   - topic: as published.
    ///   - payload: as published.
    ///   - receivedNs: gateway clock, ns since 1970 UTC.
    ///   - flags: what else is known about it.
    ///   - profile: the profile that read it.
    package func beginMessage(
        topic: ArraySlice<UInt8>,
        payload: ArraySlice<UInt8>,
        receivedNs: Int64,
        flags: Bundle.Flags,
        profile: Bundle.Profile
    ) {
        self.messages.u64(UInt64(bitPattern: receivedNs))
        self.messages.u8(flags.rawValue)
        self.messages.u16(UInt16(self.index(of: profile)))
        self.messages.u32(UInt32(topic.count))
        self.messages.raw(topic)
        self.messages.u32(UInt32(payload.count))
        self.messages.raw(payload)
        self.messageCount += 1
    }

    /// Adds an Observation of the message begun last.
    ///
    /// - Parameter json: without a line feed.
    package func add(observation json: ArraySlice<UInt8>) {
        precondition(self.messageCount > 0, "an Observation comes from a message")
        self.observations.u32(UInt32(self.messageCount - 1))
        self.observations.u32(UInt32(json.count))
        self.observations.raw(json)
        self.observationCount += 1
    }

    /// Ends the bundle in work and begins an empty one.
    ///
    /// - Returns: the data of a record of type ``Bundle/recordType``.
    /// - Throws: `FORMAT` when the bundle is too large to be padded, or zlib fails.
    package func finish() throws(ProtocolFailure) -> [UInt8] {
        defer { self.reset() }
        var head = CanonicalWriter(capacity: 256)
        head.magic("WLM1")
        head.u16(UInt16(self.profiles.count))
        for profile in self.profiles {
            head.lengthPrefixed(profile.id)
            head.lengthPrefixed(profile.version)
        }
        head.u32(UInt32(self.messageCount))
        let pieces = [
            head.bytes, self.messages.bytes, UInt32(self.observationCount).bigEndianBytes, self.observations.bytes,
        ]
        return try self.padded(pieces)
    }

    private func padded(_ pieces: [[UInt8]]) throws(ProtocolFailure) -> [UInt8] {
        let total = pieces.reduce(0) { $0 + $1.count }
        // Room for the size class as well, so that padding does not move the bytes.
        let capacity = 4 + 2 * Int(deflateBound(&self.stream, UInt(total))) + SizeClass.least
        var succeeded = false
        let data = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
            let behindLength = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[4...])
            guard let length = self.deflate(pieces, into: behindLength),
                let size = SizeClass.smallest(holding: 4 + length), size <= capacity
            else { return }
            for (index, byte) in UInt32(length).bigEndianBytes.enumerated() { buffer[index] = byte }
            buffer[(4 + length)..<size].update(repeating: 0)
            filled = size
            succeeded = true
        }
        try require(succeeded, .format, "the bundle cannot be compressed")
        return data
    }

    /// - Returns: bytes written; nil when zlib fails.
    private func deflate(_ pieces: [[UInt8]], into output: UnsafeMutableRawBufferPointer) -> Int? {
        guard deflateReset(&self.stream) == Z_OK else { return nil }
        self.stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        self.stream.avail_out = UInt32(output.count)
        var status = Z_OK
        for (index, piece) in pieces.enumerated() {
            piece.withUnsafeBytes { bytes in
                // zlib reads through this pointer and never writes; its type predates const.
                self.stream.next_in = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
                    .assumingMemoryBound(to: UInt8.self)
                self.stream.avail_in = UInt32(bytes.count)
                status = CZlib.deflate(&self.stream, index == pieces.count - 1 ? Z_FINISH : Z_NO_FLUSH)
            }
            self.stream.next_in = nil
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return nil }
        }
        return status == Z_STREAM_END ? output.count - Int(self.stream.avail_out) : nil
    }

    private func index(of profile: Bundle.Profile) -> Int {
        if let index = self.profiles.firstIndex(of: profile) { return index }
        self.profiles.append(profile)
        return self.profiles.count - 1
    }

    private func reset() {
        self.profiles.removeAll(keepingCapacity: true)
        self.messages = CanonicalWriter(capacity: self.messages.bytes.count)
        self.observations = CanonicalWriter(capacity: self.observations.bytes.count)
        self.messageCount = 0
        self.observationCount = 0
    }
}
