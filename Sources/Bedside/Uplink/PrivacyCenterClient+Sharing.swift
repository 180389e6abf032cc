internal import CanonicalBytes
package import Certificates
internal import Foundation
internal import Receipts
package import Records

/// What an owner brings a privacy center so that it re-encrypts for a receiver.
package struct Rekey: Sendable {
    package let grant: [UInt8]
    /// The center's own package, with its share.
    package let package: [UInt8]
    /// Of the granted scope.
    package let descriptor: [UInt8]
    package let ownerCertificate: [UInt8]

    package init(grant: [UInt8], package: [UInt8], descriptor: [UInt8], ownerCertificate: [UInt8]) {
        self.grant = grant
        self.package = package
        self.descriptor = descriptor
        self.ownerCertificate = ownerCertificate
    }
}

/// A receiver's question for parts; its signature is over `T(grant, nonce, H1…)`, context `REENC-REQ`.
package struct ReencryptionQuestion: Sendable {
    /// Digest of the grant.
    package let grant: Digest
    /// 1 to 256, each once.
    package let envelopes: [Digest]
    /// 32 random bytes.
    package let nonce: [UInt8]
    package let signature: [UInt8]

    package init(grant: Digest, envelopes: [Digest], nonce: [UInt8], signature: [UInt8]) {
        self.grant = grant
        self.envelopes = envelopes
        self.nonce = nonce
        self.signature = signature
    }
}

/// What a privacy center answers to a question for parts, as it came; nothing is verified.
package struct SharingAnswer: Sendable {
    /// By H1.
    package let parts: [Digest: [UInt8]]
    /// The proof of the transaction that records the delivery ("WLTP"); empty from a center without a chain.
    package let delivery: [UInt8]
    /// The head of the access channel by which the center judged the permission, `LP(header) || LP(certificate)`; empty
    /// from a center without a chain.
    package let head: [UInt8]

    package init(parts: [Digest: [UInt8]], delivery: [UInt8], head: [UInt8]) {
        self.parts = parts
        self.delivery = delivery
        self.head = head
    }
}

extension PrivacyCenterClient {
    /// The certificate under which the center signs and re-encrypts now.
    ///
    /// The center proves that it has the key: its tree's head is signed under it.
    ///
    /// - Parameters:
    ///   - issuer: of the consortium.
    ///   - now: seconds since 1970.
    /// - Returns: the certificate, of a privacy center, valid now.
    /// - Throws: ``UplinkFailure``, also for a head that does not verify.
    package func presentCertificate(
        issuer: CertificateIssuer,
        at now: UInt64
    ) async throws(UplinkFailure) -> ImplicitCertificate {
        let bytes = try await self.treeHead()
        let digest = try Self.certificateDigest(inHead: bytes)
        let encoded = try await self.certificate(digest)
        do {
            let certificate = try ImplicitCertificate(bytes: encoded)
            try require(certificate.digest == digest.bytes, .context, "another certificate than asked for")
            _ = try ParsedTreeHead(bytes: bytes).verified(by: CenterKey(certificate, from: issuer, at: now))
            return certificate
        } catch { throw .malformed("its certificate and the head of its tree do not fit: \(error)") }
    }

    private static func certificateDigest(inHead bytes: [UInt8]) throws(UplinkFailure) -> Digest {
        do { return try ParsedTreeHead(bytes: bytes).unverified.signer.certificateDigest } catch {
            throw .malformed("the head of its tree: \(error)")
        }
    }

    /// Puts a certificate of the client's organization, or without a certificate of one's own that of a registered grant's
    /// receiver; the same one may be put again.
    package func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure) {
        _ = try await self.put(bytes, "/v1/certificates/\(digest.bytes.hex)")
    }

    /// Registers a grant with the center's package; the same one may be registered again.
    ///
    /// - Throws: ``UplinkFailure``, for example `grant-revoked`.
    package func register(_ rekey: Rekey) async throws(UplinkFailure) {
        struct Body: Encodable {
            let grant: Data
            let package: Data
            let descriptor: Data
            let owner_certificate: Data
        }
        let body = Body(
            grant: Data(rekey.grant),
            package: Data(rekey.package),
            descriptor: Data(rekey.descriptor),
            owner_certificate: Data(rekey.ownerCertificate)
        )
        _ = try await self.post(body, "/v1/rekeys", bytesMax: 64 << 10)
    }

    /// A sealed index key.
    ///
    /// - Parameter digest: as the chain names it, `H("INDEX-WRAP", blob)`.
    /// - Returns: the ciphertext; nothing is verified.
    /// - Throws: ``UplinkFailure``.
    package func wrap(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        try await self.get("/v1/wraps/\(digest.bytes.hex)", bytesMax: 128 << 10)
    }

    /// A grant that was registered with the center, as a grant file without addresses ("WLGF").
    ///
    /// - Parameter digest: of the grant.
    /// - Returns: the file; nothing is verified.
    /// - Throws: ``UplinkFailure``.
    package func grant(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] {
        try await self.get("/v1/grants/\(digest.bytes.hex)", bytesMax: 1 << 20)
    }

    /// Many envelopes in one answer, under a grant.
    ///
    /// - Parameters:
    ///   - h1s: 1 to 128.
    ///   - grant: digest of the grant that the receiver relies on.
    /// - Returns: in the order of the question, as they came; empty for those that are to be asked for on their own.
    /// - Throws: ``UplinkFailure``; centers of before this question existed refuse it.
    package func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]] {
        struct Body: Encodable {
            let grant: String
            let envelopes: [String]
        }
        let body = Body(grant: grant.bytes.hex, envelopes: h1s.map(\.bytes.hex))
        let proof = self.receiverField(under: grant)
        let answer = try await self.post(body, "/v1/envelopes/batch", fields: proof, bytesMax: 17 << 20)
        var reader = CanonicalReader(answer)
        var envelopes: [[UInt8]] = []
        do throws(ProtocolFailure) {
            for _ in h1s { envelopes.append(try reader.lengthPrefixed()) }
            try reader.finish()
        } catch { throw .malformed("the center's answer is no list of \(h1s.count) envelopes: \(error)") }
        return envelopes
    }

    /// The center's parts for some envelopes.
    ///
    /// - Returns: parts by H1, as they came; nothing is verified.
    /// - Throws: ``UplinkFailure``; the center answers for all envelopes or for none.
    package func parts(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> [Digest: [UInt8]] {
        try await self.answer(question).parts
    }

    /// The center's parts for some envelopes, with what it says of them to the chain.
    ///
    /// - Returns: as it came; nothing is verified.
    /// - Throws: ``UplinkFailure``; the center answers for all envelopes or for none.
    package func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer {
        struct Body: Encodable {
            let grant: String
            let envelopes: [String]
            let nonce: Data
            let signature: Data
        }
        struct Answer: Decodable {
            struct Part: Decodable {
                let h1: String
                let part: Data
            }
            let parts: [Part]
            let delivery: Data?
            let head: Data?
        }
        let body = Body(
            grant: question.grant.bytes.hex,
            envelopes: question.envelopes.map(\.bytes.hex),
            nonce: Data(question.nonce),
            signature: Data(question.signature)
        )
        let bytes = try await self.post(body, "/v1/reencryptions", bytesMax: 1 << 20)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(bytes)) else {
            throw .malformed("the center's answer is not the JSON that was asked for")
        }
        var parts: [Digest: [UInt8]] = [:]
        for part in answer.parts {
            guard let h1 = [UInt8](hex: part.h1).flatMap(Digest.init(bytes:)) else {
                throw .malformed("a digest in the center's answer is not 32 bytes in hexadecimal")
            }
            parts[h1] = [UInt8](part.part)
        }
        return SharingAnswer(
            parts: parts,
            delivery: answer.delivery.map { [UInt8]($0) } ?? [],
            head: answer.head.map { [UInt8]($0) } ?? []
        )
    }

    private func post(
        _ body: some Encodable,
        _ path: String,
        fields: [String: String] = [:],
        bytesMax: Int
    ) async throws(UplinkFailure) -> [UInt8] {
        guard let bytes = try? JSONEncoder().encode(body) else { throw .malformed("a request that is no JSON") }
        return try await self.client.send(
            .post,
            self.base.appending(path),
            body: [UInt8](bytes),
            type: "application/json",
            fields: fields,
            bytesMax: bytesMax
        )
    }
}
