/// What is sealed together: the readings of one patient and one kind.
///
/// Who may read is decided by stream and epoch, so that waveforms can be granted apart from numbers.
package struct PatientStream: Sendable, Hashable {
    /// The kind of a stream; its raw value is part of the scope's label.
    package enum Kind: String, Sendable, CaseIterable {
        /// Numbers, codes and texts.
        case vitals
        /// Series of samples.
        case waves
        /// What a gateway states about its devices' messages; of nobody's readings.
        case accounts
    }

    /// 32 lower-case hexadecimal digits: a tag of the patient's pseudonym, or of a device that belongs to nobody.
    package let subject: String
    package let kind: Kind

    package init(subject: String, kind: Kind) {
        self.subject = subject
        self.kind = kind
    }

    /// The label of the stream's scopes: `<32 hexadecimal digits>.<kind>`.
    package var label: String { "\(self.subject).\(self.kind.rawValue)" }

    /// The label of the scopes that serve a purpose.
    package func label(for purpose: ScopePurpose) -> String { self.label + purpose.suffix }

    /// Reads a ``label``.
    package init?(label: String) {
        let parts = label.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 32, let kind = Kind(rawValue: String(parts[1])) else {
            return nil
        }
        self.init(subject: String(parts[0]), kind: kind)
    }
}

/// What is sealed to a scope of a stream.
package enum ScopePurpose: String, Sendable, CaseIterable {
    /// Readings.
    case records
    /// The epoch keys that readings are sealed with, for the owner alone (cryptographic specification, section 6.4).
    case epochKeys

    /// Stands behind the stream's label.
    package var suffix: String { self == .records ? "" : ".epoch-keys" }
}
