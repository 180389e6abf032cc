internal import Bundles
internal import Normalization
internal import Records

internal import struct Bundles.Bundle

/// Where a bundle lay: what orders the versions of an Observation.
package struct SealedPlace: Sendable, Hashable {
    /// The party that sealed it.
    package let gateway: String
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// When it was sealed, seconds since 1970, as the gateway claims.
    package let created: UInt64
    /// Number of the envelope among those of its gateway and scope.
    package let sequence: UInt64

    package init(gateway: String, scope: [UInt8], created: UInt64, sequence: UInt64) {
        self.gateway = gateway
        self.scope = scope
        self.created = created
        self.sequence = sequence
    }
}

/// A raw message of a gateway with everything that went out for it, in whatever envelopes.
struct SealedMessage {
    /// An Observation as one envelope has it.
    struct Version {
        let place: SealedPlace
        let written: WrittenObservation

        /// Whether this version stands behind another one of the same Observation in the order of
        /// ``SealedMessage/latest()``.
        ///
        /// A reading that moves to another patient is withdrawn in one scope and corrected into another one within the same
        /// second: then the one that is not withdrawn is the last word.
        fileprivate func replaces(_ other: Version) -> Bool {
            if self.place.created != other.place.created { return self.place.created > other.place.created }
            return self.place.scope == other.place.scope || self.rank > other.rank
        }

        private var rank: Int { self.written.isWithdrawn ? 0 : self.written.status == "final" ? 1 : 2 }
    }

    /// Gateway clock, ns since 1970.
    let receivedNs: Int64
    let topic: [UInt8]
    let payload: [UInt8]
    let isRetained: Bool
    fileprivate var versions: [Version] = []

    /// The latest version of each Observation, in the order of their places in the message.
    func latest() -> [WrittenObservation] {
        let ordered = self.versions.enumerated().sorted { left, right in
            let (one, other) = (left.element.place, right.element.place)
            if one.created != other.created { return one.created < other.created }
            if one.scope != other.scope { return one.scope.lexicographicallyPrecedes(other.scope) }
            return (one.sequence, left.offset) < (other.sequence, right.offset)
        }
        var latest: [String: Version] = [:]
        for (_, version) in ordered {
            guard let known = latest[version.written.id] else {
                latest[version.written.id] = version
                continue
            }
            if version.replaces(known) { latest[version.written.id] = version }
        }
        return latest.values.map(\.written).sorted { ($0.ordinal, $0.id) < ($1.ordinal, $1.id) }
    }
}

/// Puts messages together again of which parts lie in several bundles: each stream of a patient has its own.
struct SealedMessages {
    private struct Key: Hashable {
        let receivedNs: Int64
        let topic: [UInt8]
        let payload: Digest
    }

    private var places: [Key: Int] = [:]
    private var messages: [SealedMessage] = []

    /// Takes some messages of a bundle with their Observations.
    ///
    /// - Parameters:
    ///   - bundle: opened.
    ///   - place: where it lay.
    ///   - isWanted: for each message of the bundle, whether to take it.
    mutating func take(_ bundle: Bundle, at place: SealedPlace, isWanted: [Bool]) {
        let indices = zip(bundle.messages, isWanted).map { $1 ? self.index(of: $0) : nil }
        for observation in bundle.observations {
            guard let index = indices[observation.message], let written = WrittenObservation(observation.json[...])
            else { continue }
            self.messages[index].versions.append(SealedMessage.Version(place: place, written: written))
        }
    }

    private mutating func index(of message: Bundle.Message) -> Int {
        let key = Key(
            receivedNs: message.receivedNs,
            topic: message.topic,
            payload: Digest.sha256(of: message.payload)
        )
        if let index = self.places[key] { return index }
        self.places[key] = self.messages.count
        self.messages.append(
            SealedMessage(
                receivedNs: message.receivedNs,
                topic: message.topic,
                payload: message.payload,
                isRetained: message.flags.contains(.retained)
            )
        )
        return self.messages.count - 1
    }

    /// The messages as they were received; equal times in an order that is the same in every run.
    func inOrder() -> [SealedMessage] {
        self.messages.sorted { left, right in
            if left.receivedNs != right.receivedNs { return left.receivedNs < right.receivedNs }
            if left.topic != right.topic { return left.topic.lexicographicallyPrecedes(right.topic) }
            return left.payload.lexicographicallyPrecedes(right.payload)
        }
    }
}
