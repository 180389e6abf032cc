/// An envelope that is ready to be sent.
package struct SealedEnvelope: Sendable, Equatable {
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// Digest of the scope, 32 bytes.
    package let scope: [UInt8]
    /// Number within sender and scope, from 1.
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    package let observations: Int
    package let bytes: [UInt8]
    /// Numbers of its Observations in the spool.
    package let lines: [Int64]
    /// What an index page lists it under: at most 255 bytes each, strictly ascending.
    package let tags: [[UInt8]]
    /// Whether it belongs on the chain, as everything does that holds readings.
    package let isAnchored: Bool
    /// What it holds decides when it goes: waveforms leave most of the places to everything else.
    package let lane: SpoolLane

    package init(
        h1: [UInt8],
        scope: [UInt8],
        sequence: UInt64,
        created: UInt64,
        observations: Int,
        bytes: [UInt8],
        lines: [Int64] = [],
        tags: [[UInt8]] = [],
        isAnchored: Bool = true,
        lane: SpoolLane = .numerics
    ) {
        self.h1 = h1
        self.scope = scope
        self.sequence = sequence
        self.created = created
        self.observations = observations
        self.bytes = bytes
        self.lines = lines
        self.tags = tags
        self.isAnchored = isAnchored
        self.lane = lane
    }
}

/// A bundle that waits for the key of its scope.
package struct HeldBundle: Sendable, Equatable {
    package let stream: PatientStream
    package let observations: Int
    /// Time of its record: the earliest message, ms since 1970.
    package let time: Int64
    /// The record's data, as it will be signcrypted.
    package let data: [UInt8]
    /// Numbers of its Observations in the spool.
    package let lines: [Int64]
    /// Codes of its Observations, ascending.
    package let codes: [String]

    package init(
        stream: PatientStream,
        observations: Int,
        time: Int64,
        data: [UInt8],
        lines: [Int64] = [],
        codes: [String] = []
    ) {
        self.stream = stream
        self.observations = observations
        self.time = time
        self.data = data
        self.lines = lines
        self.codes = codes
    }
}

/// A bundle as the spool holds it.
package struct StoredHeldBundle: Sendable, Equatable {
    package let id: Int64
    package let bundle: HeldBundle
}

/// What the sealer made in one step: everything that one commit stores.
package struct SealedWindow: Sendable {
    /// The newest Observation that the window covers; nil when it only releases held bundles.
    package var through: Int64?
    package var envelopes: [SealedEnvelope] = []
    /// Bundles whose scope's key is not known yet.
    package var held: [HeldBundle] = []
    /// Held bundles that are now among the envelopes.
    package var released: [Int64] = []
    /// Digest of the certificate whose key sealed the envelopes, 32 bytes.
    package var sender: [UInt8] = []
    /// That certificate, which a privacy center may ask for long after a rotation.
    package var senderCertificate: [UInt8] = []
    /// Index keys that the envelopes carry to the scopes' owners.
    package var indexKeys: [StoredIndexKey] = []
    /// Epoch keys that were made for the window's envelopes.
    package var epochKeys: [StoredEpochKey] = []
    /// Accounts that one of the envelopes or held bundles states.
    package var accounts: SealedAccounts?

    package init() {}
}
