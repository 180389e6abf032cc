internal import CanonicalBytes
internal import Foundation
package import Records

/// One line of a privacy center's list of a scope.
package struct ListedEnvelope: Sendable, Hashable {
    package let h1: Digest
    package let senderCertificate: Digest
}

/// A part of a privacy center's list of a scope.
package struct EnvelopeListPage: Sendable {
    package let envelopes: [ListedEnvelope]
    /// Where the list goes on; nil when this was all.
    package let next: UInt64?
}

/// A part of a privacy center's list of an owner's scopes.
package struct ScopeListPage: Sendable {
    /// The descriptors as they came; nothing is verified.
    package let descriptors: [[UInt8]]
    /// Where the list goes on; nil when this was all.
    package let next: Digest?
}

extension PrivacyCenterClient {
    /// The descriptors that the client's party signed and put there, in the order of their digests.
    ///
    /// - Parameter next: as the page before said; nil for the first.
    /// - Returns: a part of the list, which may be empty and yet not the last.
    /// - Throws: ``UplinkFailure``.
    package func ownScopes(after next: Digest?) async throws(UplinkFailure) -> ScopeListPage {
        struct Page: Decodable {
            struct Entry: Decodable {
                let descriptor: Data
            }
            let scopes: [Entry]
            let next: String?
        }
        let after = next.map { "?after=\($0.bytes.hex)" } ?? ""
        let page: Page = try await self.json("/v1/scopes\(after)", bytesMax: 4 << 20)
        let descriptors = page.scopes.map { [UInt8]($0.descriptor) }
        guard let text = page.next else { return ScopeListPage(descriptors: descriptors, next: nil) }
        guard let next = [UInt8](hex: text).flatMap(Digest.init(bytes:)) else {
            throw .malformed("a digest in the center's list is not 32 bytes in hexadecimal")
        }
        return ScopeListPage(descriptors: descriptors, next: next)
    }

    /// Tells the center who owns a scope; the same may be told again.
    ///
    /// - Parameters:
    ///   - descriptor: signed by the owner.
    ///   - digest: of the descriptor.
    ///   - ownerCertificate: the owner's implicit certificate.
    /// - Throws: ``UplinkFailure``.
    package func putScope(
        _ descriptor: [UInt8],
        digest: [UInt8],
        ownerCertificate: [UInt8]
    ) async throws(UplinkFailure) {
        let document = [
            "descriptor": Data(descriptor).base64EncodedString(),
            "owner_certificate": Data(ownerCertificate).base64EncodedString(),
        ]
        let body = (try? JSONEncoder().encode(document)).map { [UInt8]($0) } ?? []
        _ = try await self.client.send(
            .put,
            self.base.appending("/v1/scopes/\(digest.hex)"),
            body: body,
            type: "application/json"
        )
    }

    /// The envelopes of a scope in the order of their arrival; the scope's owner may ask, and the receiver of a grant.
    ///
    /// - Parameters:
    ///   - scope: digest of the scope's descriptor.
    ///   - next: as the page before said; nil for the first.
    ///   - grant: digest of the grant that a receiver relies on; nil for the scope's owner.
    /// - Returns: a part of the list.
    /// - Throws: ``UplinkFailure``.
    package func envelopes(
        ofScope scope: [UInt8],
        after next: UInt64?,
        under grant: Digest? = nil
    ) async throws(UplinkFailure) -> EnvelopeListPage {
        struct Page: Decodable {
            struct Entry: Decodable {
                let h1: String
                let sender_certificate: String
            }
            let envelopes: [Entry]
            let next: UInt64?
        }
        let after = next.map { "&after=\($0)" } ?? ""
        let reason = grant.map { "&grant=\($0.bytes.hex)" } ?? ""
        let page: Page = try await self.json(
            "/v1/envelopes?scope=\(scope.hex)\(after)\(reason)",
            under: grant,
            bytesMax: 4 << 20
        )
        var envelopes: [ListedEnvelope] = []
        for entry in page.envelopes {
            guard let h1 = [UInt8](hex: entry.h1).flatMap(Digest.init(bytes:)),
                let sender = [UInt8](hex: entry.sender_certificate).flatMap(Digest.init(bytes:))
            else { throw .malformed("a digest in the center's list is not 32 bytes in hexadecimal") }
            envelopes.append(ListedEnvelope(h1: h1, senderCertificate: sender))
        }
        return EnvelopeListPage(envelopes: envelopes, next: page.next)
    }

    /// An envelope's bytes, as they came.
    ///
    /// - Parameters:
    ///   - h1: its address.
    ///   - grant: digest of the grant that a receiver relies on; nil for the scope's owner.
    /// - Returns: the envelope; nothing is verified.
    /// - Throws: ``UplinkFailure``.
    package func envelope(_ h1: Digest, under grant: Digest? = nil) async throws(UplinkFailure) -> [UInt8] {
        let reason = grant.map { "?grant=\($0.bytes.hex)" } ?? ""
        return try await self.get("/v1/envelopes/\(h1.bytes.hex)\(reason)", under: grant, bytesMax: 16 << 20)
    }
}
