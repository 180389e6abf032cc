internal import Crypto
internal import DeviceProfiles
internal import Foundation
internal import MQTTIngest
internal import Normalization
package import Records
internal import Spool

extension AgentConfiguration.Broker {
    /// The connection's settings; the subscriptions come from the profiles unless the configuration lists them.
    func settings(
        agentID: String,
        profiles: ProfileLibrary,
        takesShareRequests: Bool = false
    ) throws -> BrokerSettings {
        try BrokerSettings(
            endpoint: BrokerSettings.Endpoint(
                host: self.host,
                port: self.port,
                version: self.protocolVersion == .v5 ? .v5 : .v311,
                clientID: self.clientID,
                agentID: agentID
            ),
            tls: try self.tls.map { tls in
                try TLSSettings(
                    caFile: tls.caFile,
                    certificateFile: tls.certificateFile,
                    keyFile: tls.keyFile
                )
            },
            login: try self.username.map { try Login(username: $0, passwordFile: self.passwordFile) },
            subscriptions: try self.topicSubscriptions(profiles: profiles, takesShareRequests: takesShareRequests),
            session: try SessionLimits(
                keepAliveSeconds: self.keepAliveSeconds,
                sessionExpirySeconds: self.sessionExpirySeconds,
                receiveMaximum: self.receiveMaximum
            ),
            burst: try BurstLimits(messagesMax: self.burstMessagesMax, payloadBytesMax: self.payloadBytesMax)
        )
    }

    /// Most messages that may be stored without the broker knowing it.
    ///
    /// Mosquitto before 2.0.16 goes beyond the receive maximum when it empties a queue, so the burst in work and the
    /// one whose acknowledgements are on their way count as well.
    var unacknowledgedMax: Int { self.receiveMaximum + 2 * self.burstMessagesMax }

    /// What to subscribe to while these profiles are in force, and for share requests where they are taken.
    func topicSubscriptions(
        profiles: ProfileLibrary,
        takesShareRequests: Bool = false
    ) throws(BrokerSettingsError) -> [MQTTIngest.Subscription] {
        var wanted: [(filter: String, qos: Int, allowLoss: Bool)] =
            self.subscriptions.map { ($0.filter, $0.qos, $0.allowLoss) }
        if wanted.isEmpty { wanted = profiles.subscriptionFilters.map { ($0, 1, false) } }
        if takesShareRequests, !wanted.contains(where: { $0.filter.utf8.elementsEqual(ShareIntake.topic.utf8) }) {
            wanted.append((ShareIntake.topic, 1, false))
        }
        let prefix = self.sharedGroup.map { "$share/\($0)/" } ?? ""
        var subscriptions: [MQTTIngest.Subscription] = []
        for (filter, qos, allowLoss) in wanted {
            let name = filter.hasPrefix("$share/") ? filter : prefix + filter
            subscriptions.append(try MQTTIngest.Subscription(filter: name, qos: qos, allowLoss: allowLoss))
        }
        return subscriptions
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

    var naming: PatientNaming { .pseudonym { self.pseudonym(of: $0) } }
}
