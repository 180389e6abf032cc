internal import CanonicalBytes
internal import Crypto
internal import Normalization
internal import Records
internal import Spool

/// Says to which stream an Observation belongs.
///
/// A patient's stream has a tag that is the same at every gateway of the institution and does not show the pseudonym:
/// privacy centers see the labels of scopes. What belongs to nobody is a stream of its device, under a tag that tells nothing about it: otherwise one unassigned
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
        guard case .pseudonym(let pseudonym) = observation.subject else {
            return self.stream(pseudonym: nil, device: observation.source.deviceID, kind: kind)
        }
        return self.stream(pseudonym: pseudonym, device: observation.source.deviceID, kind: kind)
    }

    /// The stream of what belongs to a patient, else to a device.
    mutating func stream(pseudonym: String?, device: String, kind: PatientStream.Kind) -> PatientStream {
        if let pseudonym, pseudonym.utf8.count == 32 {
            let tag = self.tag("patient/\(pseudonym)") { _ in
                // A pseudonym has 128 bits that nobody guesses, so its hash needs no key.
                Array(SHA256.hash(data: Array("wardline patient stream \(pseudonym)".utf8)))
            }
            return PatientStream(subject: tag, kind: kind)
        }
        let tag = self.tag("device/\(device)") { key in
            Array(HMAC<SHA256>.authenticationCode(for: Array(device.utf8), using: key))
        }
        return PatientStream(subject: tag, kind: kind)
    }

    /// 16 bytes of a code in hexadecimal digits, kept for the next Observation.
    private mutating func tag(_ name: String, _ code: (SymmetricKey) -> [UInt8]) -> String {
        if let tag = self.tags[name] { return tag }
        let tag = code(self.key).prefix(16).hex
        // Devices name themselves, so their number is bounded here only.
        if self.tags.count >= 4_096 { self.tags.removeAll() }
        self.tags[name] = tag
        return tag
    }
}

extension ReadingValue {
    /// Whether it is a series of samples.
    fileprivate var isSeries: Bool {
        if case .sampled(_) = self { true } else { false }
    }
}
