internal import CanonicalBytes
internal import Foundation

extension CustodianClient {
    /// The organization's key of keyword tags in an epoch; for researchers and clinicians of any organization.
    ///
    /// - Returns: 32 bytes, secret.
    /// - Throws: ``UplinkFailure``.
    package func discoveryKey(epoch: UInt64) async throws(UplinkFailure) -> [UInt8] {
        struct Answer: Decodable { let key: String }
        let answer = try await self.read("/v1/discovery-key?epoch=\(epoch)", bytesMax: 4_096)
        guard let text = try? JSONDecoder().decode(Answer.self, from: Data(answer)).key,
            let key = [UInt8](hex: text), key.count == 32
        else { throw .malformed("the custodian's answer is no key of 64 hexadecimal digits") }
        return key
    }

    /// The grant under a permission, for anybody: it takes no certificate.
    ///
    /// - Parameters:
    ///   - permission: 32 bytes.
    ///   - waitMilliseconds: how long the custodian may wait for the grant to be made, at most 10,000.
    /// - Returns: the grant file ("WLGF") as it came; its reader verifies it.
    /// - Throws: ``UplinkFailure``; `refused` with 404 and `grant-pending` or `grant-refused`.
    package func grant(
        under permission: [UInt8],
        waitMilliseconds: Int = 0
    ) async throws(UplinkFailure) -> [UInt8] {
        let wait = waitMilliseconds > 0 ? "?wait=\(waitMilliseconds)" : ""
        return try await self.read("/v1/grants/\(permission.hex)\(wait)", bytesMax: 1 << 20)
    }

    /// The index keys of a permission's scope, for anybody: only the receiver of an accepted offer or an emergency
    /// opens them.
    ///
    /// - Parameters:
    ///   - permission: 32 bytes.
    ///   - bytesMax: of the answer.
    /// - Returns: the handover ("WLIH") as it came; its reader verifies it.
    /// - Throws: ``UplinkFailure``; `refused` with 404 and `grant-pending`, `grant-refused`, `not-for-this-kind`,
    ///   `no-index-key` or `index-keys-pending`.
    package func indexKeys(under permission: [UInt8], bytesMax: Int) async throws(UplinkFailure) -> [UInt8] {
        try await self.read("/v1/grants/\(permission.hex)/index-keys", bytesMax: bytesMax)
    }

    /// Hands in the reason of an emergency; the same one may be handed in again.
    ///
    /// - Parameters:
    ///   - permission: of the emergency, 32 bytes.
    ///   - text: whose digest the permission names; it goes to this custodian only.
    /// - Throws: ``UplinkFailure``.
    package func stateEmergency(permission: [UInt8], text: String) async throws(UplinkFailure) {
        let body = try Self.json(["permission": permission.hex, "statement": text])
        _ = try await self.write("/v1/emergency-statements", body)
    }

    /// Asks as a steward, with a path and its query, for example `/v1/share-requests?state=waiting`.
    ///
    /// The answer is JSON as it came.
    package func read(_ path: String, bytesMax: Int = 4 << 20) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending(path), bytesMax: bytesMax)
    }

    /// Decides or orders something as a steward; body and answer are JSON.
    package func write(_ path: String, _ body: [UInt8]) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(
            .post,
            self.base.appending(path),
            body: body,
            type: "application/json",
            bytesMax: 4 << 20
        )
    }

    /// Takes something back as a steward.
    package func remove(_ path: String) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.delete, self.base.appending(path), bytesMax: 1 << 20)
    }

    private static func json(_ members: [String: String]) throws(UplinkFailure) -> [UInt8] {
        guard let body = try? JSONEncoder().encode(members) else { throw .malformed("a request that is no JSON") }
        return [UInt8](body)
    }
}
