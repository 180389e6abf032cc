internal import CanonicalBytes
internal import Foundation
package import Merkle
package import P256Group
package import Records

/// Talks to one privacy center.
///
/// Every answer is as it came: what is signed, the caller verifies.
package struct PrivacyCenterClient: Sendable {
    /// The center's party name, which its certificate must bear.
    package let name: String
    let base: ServiceURL
    let client: SecureClient
    private let receiver: ReceiverProofs?

    /// - Parameters:
    ///   - name: the center's party name.
    ///   - base: where it is.
    ///   - client: reaches it.
    ///   - receiver: the key of the certificate that grants are for, to prove under grants who reads; nil when the
    ///     connection's certificate says it.
    package init(name: String, base: ServiceURL, client: SecureClient, receiver: P256KeyPair? = nil) {
        self.name = name
        self.base = base
        self.client = client
        self.receiver = receiver.map { ReceiverProofs(key: $0, center: name) }
    }

    /// Delivers an envelope; the same one may be delivered again.
    ///
    /// - Parameter parcel: the envelope; of its companions those are put that the center does not hold yet.
    /// - Returns: the receipt, not verified.
    /// - Throws: ``UplinkFailure``.
    package func put(_ parcel: EnvelopeParcel) async throws(UplinkFailure) -> [UInt8] {
        let path = "/v1/envelopes/\(parcel.h1.hex)"
        var rest = parcel.companions
        while true {
            let failure: UplinkFailure
            do { return try await self.put(parcel.envelope, path) } catch { failure = error }
            // Each at most once: a center that keeps asking is out of order.
            guard case .refused(424, let code, _, _) = failure,
                let wanted = rest.firstIndex(where: { $0.kind.codeWhenUnknown.utf8.elementsEqual(code.utf8) })
            else { throw failure }
            let companion = rest.remove(at: wanted)
            _ = try await self.put(companion.bytes, "/v1/\(companion.kind.rawValue)/\(companion.digest.hex)")
        }
    }

    /// The capsule that an envelope of mode 1 names.
    ///
    /// - Parameters:
    ///   - digest: as the envelope's header has it.
    ///   - grant: digest of the grant that a receiver relies on; nil for the scope's owner and for the sender.
    /// - Returns: its bytes, as they came.
    /// - Throws: ``UplinkFailure``.
    package func capsule(_ digest: Digest, under grant: Digest? = nil) async throws(UplinkFailure) -> [UInt8] {
        let path = "/v1/capsules/\(digest.bytes.hex)" + (grant.map { "?grant=\($0.bytes.hex)" } ?? "")
        return try await self.get(path, under: grant)
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

    /// Reads; under a grant with the receiver's proof.
    func get(
        _ path: String,
        under grant: Digest? = nil,
        bytesMax: Int = 64 << 10
    ) async throws(UplinkFailure) -> [UInt8] {
        let fields = self.receiverField(under: grant)
        return try await self.client.send(.get, self.base.appending(path), fields: fields, bytesMax: bytesMax)
    }

    /// The header field that proves who reads under a grant; none where the connection's certificate says it.
    func receiverField(under grant: Digest?) -> [String: String] {
        guard let grant, let proof = self.receiver?.proof(under: grant) else { return [:] }
        return [ReceiverProofs.fieldName: proof]
    }

    func json<Value: Decodable>(
        _ path: String,
        under grant: Digest? = nil,
        bytesMax: Int = 64 << 10
    ) async throws(UplinkFailure) -> Value {
        let body = try await self.get(path, under: grant, bytesMax: bytesMax)
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
