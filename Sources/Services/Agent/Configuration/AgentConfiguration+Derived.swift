internal import Crypto
internal import DeviceProfiles
internal import Foundation
internal import MQTTIngest
package import Normalization
package import Records
internal import Spool

extension AgentConfiguration.Broker {
    /// The connection's settings; the subscriptions come from the profiles unless the configuration lists them.
    ///
    /// The waveforms' connection has a session of its own: its messages come in bursts that may wait a moment, so that
    /// hundreds of blocks a second share a few commits.
    func settings(
        agentID: String,
        profiles: ProfileLibrary,
        takesShareRequests: Bool = false,
        movementTopics: [String] = [],
        lanes: Lanes = .one
    ) throws -> BrokerSettings {
        try BrokerSettings(
            endpoint: BrokerSettings.Endpoint(
                host: self.host,
                port: self.port,
                version: self.protocolVersion == .v5 ? .v5 : .v311,
                clientID: lanes == .waves ? "\(self.clientID)-waves" : self.clientID,
                agentID: lanes == .waves ? "\(agentID)-waves" : agentID
            ),
            tls: try self.tls.map { tls in
                try TLSSettings(
                    caFile: tls.caFile,
                    certificateFile: tls.certificateFile,
                    keyFile: tls.keyFile
                )
            },
            login: try self.username.map { try Login(username: $0, passwordFile: self.passwordFile) },
            subscriptions: try self.topicSubscriptions(
                profiles: profiles,
                takesShareRequests: takesShareRequests,
                movementTopics: movementTopics,
                lanes: lanes
            ),
            session: try SessionLimits(
                keepAliveSeconds: self.keepAliveSeconds,
                sessionExpirySeconds: self.sessionExpirySeconds,
                receiveMaximum: self.receiveMaximum
            ),
            burst: lanes == .waves
                ? try BurstLimits(
                    messagesMax: min(self.burstMessagesMax, Self.waveBurstMessagesMax),
                    bytesMax: Self.waveBurstBytesMax,
                    payloadBytesMax: self.payloadBytesMax,
                    lingerMilliseconds: Self.waveLingerMilliseconds
                )
                : try BurstLimits(messagesMax: self.burstMessagesMax, payloadBytesMax: self.payloadBytesMax)
        )
    }

    /// Most messages that may be stored without the broker knowing it.
    ///
    /// Mosquitto before 2.0.16 goes beyond the receive maximum when it empties a queue, so the burst in work and the
    /// one whose acknowledgements are on their way count as well.
    var unacknowledgedMax: Int { self.receiveMaximum + 2 * self.burstMessagesMax }

    /// What to subscribe to while these profiles are in force, for share requests where they are taken, and for
    /// movements of patients.
    func topicSubscriptions(
        profiles: ProfileLibrary,
        takesShareRequests: Bool = false,
        movementTopics: [String] = [],
        lanes: Lanes = .one
    ) throws(BrokerSettingsError) -> [MQTTIngest.Subscription] {
        var wanted: [(filter: String, qos: Int, allowLoss: Bool)] =
            self.subscriptions.filter { lanes.includes($0.lane) }.map { ($0.filter, $0.qos, $0.allowLoss) }
        if self.subscriptions.isEmpty { wanted = lanes.filters(of: profiles).map { ($0, 1, false) } }
        if takesShareRequests, lanes != .waves,
            !wanted.contains(where: { $0.filter.utf8.elementsEqual(ShareIntake.topic.utf8) })
        {
            wanted.append((ShareIntake.topic, 1, false))
        }
        if lanes != .waves {
            for topic in movementTopics where !wanted.contains(where: { $0.filter == topic }) {
                wanted.append((topic, 1, false))
            }
        }
        let prefix = self.sharedGroup.map { "$share/\($0)/" } ?? ""
        var subscriptions: [MQTTIngest.Subscription] = []
        for (filter, qos, allowLoss) in wanted {
            // In a group too every agent needs every movement of patients: its bed map is its own.
            let isMovement = movementTopics.contains { $0.utf8.elementsEqual(filter.utf8) }
            let name = filter.hasPrefix("$share/") || isMovement ? filter : prefix + filter
            subscriptions.append(try MQTTIngest.Subscription(filter: name, qos: qos, allowLoss: allowLoss))
        }
        return subscriptions
    }
}

extension AgentConfiguration.Broker {
    /// What a connection is for.
    enum Lanes: Sendable {
        /// Everything: no profile asks for a lane of its own.
        case one
        case numerics
        case waves

        func includes(_ lane: SpoolLane) -> Bool { self == .one || (self == .waves) == (lane == .waves) }

        func filters(of profiles: ProfileLibrary) -> [String] {
            switch self {
            case .one: profiles.subscriptionFilters
            case .numerics: profiles.subscriptionFilters(of: .numerics)
            case .waves: profiles.subscriptionFilters(of: .waves)
            }
        }
    }

    /// A burst of waveforms is one commit beside those of numerics: small enough to be over soon.
    private static let waveBurstMessagesMax = 256
    private static let waveBurstBytesMax = 256 << 10
    /// How long blocks wait for others to share a commit.
    private static let waveLingerMilliseconds = 500

    /// Whether waveforms are to have a connection of their own.
    func hasWaves(_ profiles: ProfileLibrary) -> Bool {
        self.subscriptions.isEmpty
            ? !profiles.subscriptionFilters(of: .waves).isEmpty : self.subscriptions.contains { $0.lane == .waves }
    }
}

extension AgentConfiguration {
    /// How patients that messages name are called.
    ///
    func patientNaming() throws -> PatientNaming {
        guard let file = self.pseudonymKeyFile else { return .withheld }
        return try PatientPseudonyms(keyFile: file).naming
    }
}

/// Pseudonyms: the first 16 bytes of HMAC-SHA-256(institution key, "PATIENT", assigner, record number).
package struct PatientPseudonyms: Sendable {
    private let key: SymmetricKey

    /// Reads the institution's key: 32 bytes in a file that only its owner may read.
    package init(keyFile: String) throws {
        self.key = try MasterKey(file: keyFile).symmetricKey
    }

    /// The pseudonym as 32 lower-case hexadecimal digits; fields are length-prefixed, so none can run into the next.
    package func pseudonym(of patient: PatientIdentifier) -> String {
        var authentication = HMAC<SHA256>(key: self.key)
        for field in ["PATIENT", patient.assigner, patient.recordNumber] {
            let length = withUnsafeBytes(of: UInt32(field.utf8.count).bigEndian) { Array($0) }
            authentication.update(data: length + Array(field.utf8))
        }
        return authentication.finalize().prefix(16).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    package var naming: PatientNaming { .pseudonym { self.pseudonym(of: $0) } }
}
