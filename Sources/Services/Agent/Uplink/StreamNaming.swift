internal import Crypto
internal import Normalization
internal import Records
internal import Spool

/// Says to which stream an Observation belongs.
///
/// What belongs to nobody is a stream of its device, under a tag that tells nothing about it: otherwise one unassigned
/// device would decide who may read the readings of another.
struct StreamNaming: Sendable {
    private let key: SymmetricKey
    private var tags: [String: String] = [:]

    /// - Parameter secret: of this gateway; tags of two gateways differ.
    init(secret: (UInt64, UInt64)) {
        let bytes = [secret.0, secret.1].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes),
            info: Array("wardline device stream".utf8),
            outputByteCount: 32
        )
    }

    /// The stream of an Observation.
    mutating func stream(of observation: Observation) -> PatientStream {
        let kind: PatientStream.Kind = observation.reading.value.isSeries ? .waves : .vitals
        if case .pseudonym(let pseudonym) = observation.subject, pseudonym.utf8.count == 32 {
            return PatientStream(subject: pseudonym, kind: kind)
        }
        return PatientStream(subject: self.tag(of: observation.source.deviceID), kind: kind)
    }

    private mutating func tag(of device: String) -> String {
        if let tag = self.tags[device] { return tag }
        let code = HMAC<SHA256>.authenticationCode(for: Array(device.utf8), using: self.key)
        let tag = code.prefix(16).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        // Devices name themselves, so their number is bounded here only.
        if self.tags.count >= 4_096 { self.tags.removeAll() }
        self.tags[device] = tag
        return tag
    }
}

extension ReadingValue {
    /// Whether it is a series of samples.
    fileprivate var isSeries: Bool {
        if case .sampled(_) = self { true } else { false }
    }
}
