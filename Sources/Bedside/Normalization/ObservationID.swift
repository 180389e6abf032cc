package import Records

/// The deterministic FHIR id of an Observation: equal readings have equal ids in every process, so that an upload
/// that is repeated updates instead of adding.
package struct ObservationID: Sendable, Hashable, CustomStringConvertible {
    /// System of the Observation's business identifier, whose value is the id.
    package static let identifierSystem = "urn:wardline:observation"

    /// First 16 bytes of SHA-256 over the ``ReadingIdentity`` as 32 lower-case hexadecimal digits.
    package let description: String

    package init(_ observation: Observation) {
        var scratch: [UInt8] = []
        var text: [UInt8] = []
        Self.write(observation, scratch: &scratch, to: &text)
        self.description = String(decoding: text, as: UTF8.self)
    }

    /// Appends the id's digits; `scratch` is memory to work in, whose content is lost.
    static func write(_ observation: Observation, scratch: inout [UInt8], to output: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        ReadingIdentity.append(observation, to: &scratch)
        Digest.sha256(of: scratch).writeHex(to: &output)
        output.removeLast(Digest.byteCount)
    }
}

/// The secret with which deduplication keys are hashed, so that the index reveals no reading.
package struct DedupSecret: Sendable {
    let key0: UInt64
    let key1: UInt64

    package init(key0: UInt64, key1: UInt64) {
        self.key0 = key0
        self.key1 = key1
    }

    /// The deduplication key of an Observation: equal when device, concept, channel, device time and value (or sequence
    /// number) are equal.
    ///
    /// A retained reading without a device time counts to the day of its receipt, so that the broker's repetitions of
    /// one retained message meet in the index.
    package func key(of observation: Observation, scratch: inout [UInt8]) -> DedupKey {
        scratch.removeAll(keepingCapacity: true)
        ReadingIdentity.append(observation, to: &scratch)
        var hash = SipHash24(key0: self.key0, key1: self.key1)
        hash.combine(scratch)
        return DedupKey(timeMilliseconds: Self.time(of: observation), hash: hash.finalize())
    }

    private static func time(of observation: Observation) -> Int64 {
        if observation.isDeviceTimed, let time = observation.reading.deviceTime {
            return time.millisecondsSinceEpoch
        }
        let received = observation.source.receivedAt.millisecondsFloor
        return observation.source.retained ? received - received % 86_400_000 : received
    }
}
