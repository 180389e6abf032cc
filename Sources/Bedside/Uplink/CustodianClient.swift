internal import Foundation

/// Asks an institution's custodian: gateways for the scopes of streams, others about shares.
package struct CustodianClient: Sendable {
    /// A descriptor as it came, with the certificate of the key that signed it; nothing is verified.
    package struct Scope: Sendable, Hashable {
        package let descriptor: [UInt8]
        package let ownerCertificate: [UInt8]
    }

    let base: ServiceURL
    let client: SecureClient

    package init(base: ServiceURL, client: SecureClient) {
        self.base = base
        self.client = client
    }

    /// The scope of a label in an epoch, which the custodian makes when it is new.
    package func scope(label: String, epoch: UInt64) async throws(UplinkFailure) -> Scope {
        struct Wanted: Encodable {
            let label: String
            let epoch: UInt64
        }
        struct Given: Decodable {
            let descriptor: Data
            let owner_certificate: Data
        }
        guard let body = try? JSONEncoder().encode(Wanted(label: label, epoch: epoch)) else {
            throw .malformed("a label that is not text")
        }
        let answer = try await self.client.send(
            .post,
            self.base.appending("/v1/scopes"),
            body: [UInt8](body),
            type: "application/json",
            bytesMax: 64 << 10
        )
        guard let given = try? JSONDecoder().decode(Given.self, from: Data(answer)) else {
            throw .malformed("the custodian's answer is no scope")
        }
        return Scope(descriptor: [UInt8](given.descriptor), ownerCertificate: [UInt8](given.owner_certificate))
    }
}
