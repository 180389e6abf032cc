package import CanonicalBytes

/// What one sealed envelope holds: Observations of one stream, and the raw messages they came from.
///
/// The raw bytes go along so that the institution can normalize again years later, with a mended profile. The
/// encoding is specified in `docs/spec/bundle.md`.
package struct Bundle: Sendable, Equatable {
    /// Type of the record that carries a bundle.
    package static let recordType = "wardline.bundle.1+deflate"

    /// A device profile in the version that read a message.
    package struct Profile: Sendable, Hashable {
        package let id: String
        package let version: String

        package init(id: String, version: String) {
            self.id = id
            self.version = version
        }
    }

    /// What is known about a message besides its bytes.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Delivered by the broker with the RETAIN flag.
        package static let retained = Flags(rawValue: 1)
        static let known: Flags = [.retained]
    }

    /// A message as the broker delivered it.
    package struct Message: Sendable, Equatable {
        /// Gateway clock, ns since 1970 UTC.
        package let receivedNs: Int64
        package let flags: Flags
        /// Index into ``Bundle/profiles``.
        package let profile: Int
        package let topic: [UInt8]
        package let payload: [UInt8]
    }

    /// A FHIR R4 Observation as the agent wrote it.
    package struct Observation: Sendable, Equatable {
        /// Index into ``Bundle/messages``.
        package let message: Int
        /// JSON in UTF-8, without a line feed.
        package let json: [UInt8]
    }

    /// In the order of their first use by a message.
    package let profiles: [Profile]
    /// In the order of their first Observation; each has at least one.
    package let messages: [Message]
    package let observations: [Observation]
}

/// How much a bundle from outside may hold.
package struct BundleLimits: Sendable, Equatable {
    /// Bytes of the encoding once it is inflated.
    package var inflatedBytesMax: Int

    package init(inflatedBytesMax: Int = 64 << 20) { self.inflatedBytesMax = inflatedBytesMax }
}

extension Bundle {
    /// Opens the data of a record of type ``recordType``.
    ///
    /// - Throws: `FORMAT` for anything that no agent writes: a length that is no size class or not the smallest one,
    ///   padding that is not zero, a deflate stream that does not end with its field, an encoding that is not
    ///   canonical, or more than the limits allow.
    package init(data: [UInt8], limits: BundleLimits = BundleLimits()) throws(ProtocolFailure) {
        var reader = CanonicalReader(data)
        let deflated = try reader.lengthPrefixed()
        let used = reader.offset
        try require(
            SizeClass.smallest(holding: used) == data.count,
            .format,
            "a bundle that is not padded to its class"
        )
        try require(data[used...].allSatisfy { $0 == 0 }, .format, "padding that is not zero")
        try self.init(encoded: Inflation.inflate(deflated, bytesMax: limits.inflatedBytesMax))
    }

    /// Parses the encoding inside of the compression.
    ///
    /// - Throws: `FORMAT`.
    package init(encoded: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(encoded)
        try reader.magic("WLM1")
        self.profiles = try Self.profiles(&reader)
        self.messages = try Self.messages(&reader, profiles: self.profiles.count)
        self.observations = try Self.observations(&reader, messages: self.messages.count)
        try reader.finish()
    }

    private static func profiles(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> [Profile] {
        var profiles: [Profile] = []
        for _ in 0..<(try reader.u16()) {
            let profile = Profile(id: try reader.text(), version: try reader.text())
            try require(!profiles.contains(profile), .format, "a profile stands twice")
            profiles.append(profile)
        }
        return profiles
    }

    private static func messages(
        _ reader: inout CanonicalReader,
        profiles: Int
    ) throws(ProtocolFailure) -> [Message] {
        var messages: [Message] = []
        var used = 0
        for _ in 0..<(try reader.u32()) {
            let received = Int64(bitPattern: try reader.u64())
            let flags = Flags(rawValue: try reader.u8())
            let profile = Int(try reader.u16())
            try require(flags.isSubset(of: .known), .format, "unknown flags of a message")
            try require(profile <= used && profile < profiles, .format, "profiles are not in the order of their use")
            used = max(used, profile + 1)
            let topic = try reader.lengthPrefixed()
            let payload = try reader.lengthPrefixed()
            messages.append(
                Message(receivedNs: received, flags: flags, profile: profile, topic: topic, payload: payload)
            )
        }
        try require(used == profiles, .format, "a profile that no message uses")
        return messages
    }

    private static func observations(
        _ reader: inout CanonicalReader,
        messages: Int
    ) throws(ProtocolFailure) -> [Observation] {
        var observations: [Observation] = []
        var last = -1
        for _ in 0..<(try reader.u32()) {
            let message = Int(try reader.u32())
            try require(message == last || message == last + 1, .format, "messages are not in the order of their use")
            last = message
            observations.append(Observation(message: message, json: try reader.lengthPrefixed()))
        }
        try require(last == messages - 1, .format, "a message without an Observation, or one that is missing")
        return observations
    }
}
