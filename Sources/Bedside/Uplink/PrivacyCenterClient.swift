internal import CanonicalBytes
internal import Foundation
package import Merkle
package import Records

/// Talks to one privacy center.
///
/// Every answer is as it came: what is signed, the caller verifies.
package struct PrivacyCenterClient: Sendable {
    /// The center's party name, which its certificate must bear.
    package let name: String
    let base: ServiceURL
    let client: SecureClient

    package init(name: String, base: ServiceURL, client: SecureClient) {
        self.name = name
        self.base = base
        self.client = client
    }

    /// Delivers an envelope; the same one may be delivered again.
    ///
    /// - Parameters:
    ///   - envelope: its bytes.
    ///   - h1: its index pointer.
    ///   - certificate: the sender's, which is put when the center does not know it yet.
    /// - Returns: the receipt, not verified.
    /// - Throws: ``UplinkFailure``.
    package func put(
        _ envelope: [UInt8],
        h1: [UInt8],
        certificate: (digest: [UInt8], bytes: [UInt8])
    ) async throws(UplinkFailure) -> [UInt8] {
        let path = "/v1/envelopes/\(h1.hex)"
        do {
            return try await self.put(envelope, path)
        } catch .refused(424, let code, _, _) where code == "unknown-certificate" {
            _ = try await self.put(certificate.bytes, "/v1/certificates/\(certificate.digest.hex)")
            return try await self.put(envelope, path)
        }
    }

    /// A certificate by its digest.
    package func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        try await self.get("/v1/certificates/\(digest.bytes.hex)")
    }

    /// The signed head of the center's tree.
    package func treeHead() async throws(UplinkFailure) -> [UInt8] { try await self.get("/v1/tree/head") }

    /// The proof that the tree of one size continues that of another; the sizes are the caller's.
    package func consistency(first: UInt64, second: UInt64) async throws(UplinkFailure) -> ConsistencyProof {
        struct Proof: Decodable {
            let path: [String]
        }
        let proof: Proof = try await self.json("/v1/tree/consistency?first=\(first)&second=\(second)")
        return ConsistencyProof(firstSize: first, secondSize: second, path: try Self.digests(proof.path))
    }

    /// The proof that some leaf stands at a place of the tree of a size.
    package func inclusion(h1: Digest, treeSize: UInt64) async throws(UplinkFailure) -> InclusionProof {
        struct Proof: Decodable {
            let leaf_index: UInt64
            let path: [String]
        }
        let proof: Proof = try await self.json("/v1/tree/inclusion?h1=\(h1.bytes.hex)&size=\(treeSize)")
        return InclusionProof(leafIndex: proof.leaf_index, treeSize: treeSize, path: try Self.digests(proof.path))
    }

    func put(_ bytes: [UInt8], _ path: String) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.put, self.base.appending(path), body: bytes, bytesMax: 16 << 10)
    }

    func get(_ path: String, bytesMax: Int = 64 << 10) async throws(UplinkFailure) -> [UInt8] {
        try await self.client.send(.get, self.base.appending(path), bytesMax: bytesMax)
    }

    func json<Value: Decodable>(_ path: String, bytesMax: Int = 64 << 10) async throws(UplinkFailure) -> Value {
        let body = try await self.get(path, bytesMax: bytesMax)
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(body)) else {
            throw .malformed("the center's answer is not the JSON that was asked for")
        }
        return value
    }

    private static func digests(_ path: [String]) throws(UplinkFailure) -> [Digest] {
        var digests: [Digest] = []
        guard path.count <= 128 else { throw .malformed("a proof of \(path.count) hashes") }
        for text in path {
            guard let bytes = [UInt8](hex: text), let digest = Digest(bytes: bytes) else {
                throw .malformed("a hash of a proof is not 32 bytes in hexadecimal")
            }
            digests.append(digest)
        }
        return digests
    }
}
