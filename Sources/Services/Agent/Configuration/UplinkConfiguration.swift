package import AccessPolicies
internal import Certificates
internal import StrictYAML
package import Uplink

extension AgentConfiguration {
    /// Where sealed envelopes go, and for whom they are sealed.
    package struct Uplink: Sendable {
        /// A privacy center.
        package struct Center: Sendable, Hashable {
            /// Its party name, `<organization>:privacy-center:<name>`, which its certificate must bear.
            package let name: String
            package let url: ServiceURL
        }

        /// Made by `wardline enroll`.
        package let identityDirectory: String
        package let custodian: ServiceURL
        package let centers: [Center]
        /// Centers whose receipts an envelope needs.
        package let copies: Int
        /// Files with the public parameters of the identity-based scheme; empty seals with the scope's key alone.
        package let identityParameterFiles: [String]
        /// Who may read; its digest stands in every envelope.
        package let policy: AccessPolicy
        package let limits: EnvelopeLimits
        /// How long receipts are kept after their envelope was delivered.
        package let receiptRetentionSeconds: Int
        /// Envelopes on their way at one time.
        package let inFlightMax: Int
        /// How often each center must prove its tree.
        package let auditSeconds: Int
    }

    private static let uplinkKeys = [
        "identity", "custodian", "privacy_centers", "copies", "identity_parameters", "policy", "envelope",
        "receipt_retention_days",
        "in_flight_max", "audit_seconds",
    ]

    static func uplink(_ field: YAMLField) throws(YAMLProblem) -> Uplink {
        let map = try field.mapping(Self.uplinkKeys)
        let centers = try Self.centers(map.required("privacy_centers"))
        return Uplink(
            identityDirectory: try map.required("identity").word(),
            custodian: try Self.serviceURL(map.required("custodian")),
            centers: centers,
            copies: try map["copies"]?.integer(in: 1...centers.count) ?? 1,
            identityParameterFiles: try map["identity_parameters"]?.elementsOrSelf().words() ?? [],
            policy: try Self.policy(map.required("policy")),
            limits: try Self.envelope(map["envelope"]),
            receiptRetentionSeconds: 86_400 * (try map["receipt_retention_days"]?.integer(in: 1...36_500) ?? 90),
            inFlightMax: try map["in_flight_max"]?.integer(in: 1...1_024) ?? 32,
            auditSeconds: try map["audit_seconds"]?.integer(in: 1...86_400) ?? 300
        )
    }

    private static func centers(_ field: YAMLField) throws(YAMLProblem) -> [Uplink.Center] {
        var centers: [Uplink.Center] = []
        for element in try field.elements() {
            let map = try element.mapping(["name", "url"])
            let name = try map.required("name")
            let text = try name.word()
            guard let party = PartyName(text), party.role == .privacyCenter, party.description == text else {
                throw name.problem("must be the center's party name, <organization>:privacy-center:<name>")
            }
            guard !centers.map(\.name).contains(text) else { throw name.problem("the center is there already") }
            centers.append(Uplink.Center(name: text, url: try Self.serviceURL(map.required("url"))))
        }
        guard (1...64).contains(centers.count) else { throw field.problem("needs 1 to 64 privacy centers") }
        return centers
    }

    private static func serviceURL(_ field: YAMLField) throws(YAMLProblem) -> ServiceURL {
        guard let url = ServiceURL(try field.word()) else {
            throw field.problem("must be https://host or https://host:port")
        }
        return url
    }

    private static func policy(_ field: YAMLField) throws(YAMLProblem) -> AccessPolicy {
        let text = try field.text()
        do throws(PolicyRemark) {
            return try WrittenPolicy(text).policy
        } catch {
            throw field.problem("is no access policy: \(error)")
        }
    }

    private static func envelope(_ field: YAMLField?) throws(YAMLProblem) -> EnvelopeLimits {
        let usual = EnvelopeLimits()
        guard let map = try field?.mapping(["age_seconds_max", "readings_max", "bytes_max"]) else { return usual }
        let bytes = try map["bytes_max"].map { field throws(YAMLProblem) in
            let bytes = try field.byteCount()
            guard (1 << 10...8 << 20).contains(bytes) else { throw field.problem("must be 1KiB to 8MiB") }
            return bytes
        }
        return EnvelopeLimits(
            ageMillisecondsMax: Int64(try map["age_seconds_max"]?.integer(in: 1...3_600) ?? 10) * 1_000,
            readingsMax: try map["readings_max"]?.integer(in: 1...100_000) ?? usual.readingsMax,
            bytesMax: bytes ?? usual.bytesMax
        )
    }
}
