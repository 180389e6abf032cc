internal import CanonicalBytes
internal import Foundation
internal import Hummingbird
internal import Merkle
internal import PrivacyCenterStore
internal import Receipts
internal import Records
internal import SecureHTTP
internal import Signcryption

// The JSON of the interface; `docs/openapi/privacy-center.json` describes it. Bytes are base64, digests hexadecimal.

struct ScopeDocument: Decodable {
    let descriptor: Data
    let ownerCertificate: Data

    enum CodingKeys: String, CodingKey {
        case descriptor
        case ownerCertificate = "owner_certificate"
    }
}

struct ScopeListDocument: Encodable {
    struct Entry: Encodable {
        let digest: String
        let descriptor: Data
    }

    let scopes: [Entry]
    /// To be given as `after` for what follows; nil when this was all.
    let next: String?

    init(_ descriptors: [ScopeDescriptor], next: Digest?) {
        self.scopes = descriptors.map { Entry(digest: $0.digest.hex, descriptor: Data($0.bytes)) }
        self.next = next?.bytes.hex
    }
}

struct RekeyDocument: Decodable {
    let grant: Data
    let package: Data
    let descriptor: Data
    let ownerCertificate: Data
    let singleControl: Data?

    enum CodingKeys: String, CodingKey {
        case grant, package, descriptor
        case ownerCertificate = "owner_certificate"
        case singleControl = "single_control"
    }

    var request: RekeyRequest {
        RekeyRequest(
            grant: Array(self.grant),
            package: Array(self.package),
            descriptor: Array(self.descriptor),
            ownerCertificate: Array(self.ownerCertificate),
            singleControl: self.singleControl.map { Array($0) }
        )
    }
}

struct RegisteredRekeyDocument: Encodable {
    let grant: String
    let index: UInt8
}

struct EnvelopeBatchDocument: Decodable {
    let grant: String
    let envelopes: [String]
}

struct ReencryptionDocument: Decodable {
    let grant: String
    let envelopes: [String]
    let nonce: Data
    let signature: Data
    let includeEnvelopes: Bool?

    enum CodingKeys: String, CodingKey {
        case grant, envelopes, nonce, signature
        case includeEnvelopes = "include_envelopes"
    }

    func request() throws -> ReencryptionRequest {
        ReencryptionRequest(
            grant: try RequestReading.digest(self.grant, "grant"),
            envelopes: try self.envelopes.map { try RequestReading.digest($0, "envelopes") },
            nonce: Array(self.nonce),
            signature: Array(self.signature),
            wantsEnvelopes: self.includeEnvelopes ?? false
        )
    }
}

struct ReencryptedDocument: Encodable {
    struct Part: Encodable {
        let h1: String
        let part: Data
        let envelope: Data?
    }

    let grant: String
    let parts: [Part]
    /// nil without a chain.
    let delivery: Data?
    /// nil without a chain.
    let head: Data?

    init(_ grant: Digest, _ delivery: ReencryptionDelivery) {
        self.grant = grant.bytes.hex
        self.delivery = delivery.record.isEmpty ? nil : Data(delivery.record)
        self.head = delivery.head.isEmpty ? nil : Data(delivery.head)
        self.parts = delivery.answers.map { answer in
            Part(h1: answer.h1.bytes.hex, part: Data(answer.part), envelope: answer.envelope.map { Data($0) })
        }
    }
}

struct ListingDocument: Encodable {
    struct Entry: Encodable {
        let leafIndex: UInt64
        let h1: String
        let senderCertificate: String
        let sequence: UInt64
        let created: UInt64
        let receivedMilliseconds: UInt64
        let bytes: Int

        enum CodingKeys: String, CodingKey {
            case h1, sequence, created, bytes
            case leafIndex = "leaf_index"
            case senderCertificate = "sender_certificate"
            case receivedMilliseconds = "received_ms"
        }
    }

    let envelopes: [Entry]
    /// To be given as `after` for what follows; nil when this was all.
    let next: UInt64?

    init(_ listing: [EnvelopeListing], limit: Int) {
        self.envelopes = listing.map { entry in
            Entry(
                leafIndex: entry.leafIndex,
                h1: entry.h1.bytes.hex,
                senderCertificate: entry.sender.bytes.hex,
                sequence: entry.sequence,
                created: entry.created,
                receivedMilliseconds: entry.receivedMilliseconds,
                bytes: entry.byteCount
            )
        }
        self.next = listing.count < limit ? nil : listing.last?.leafIndex
    }
}

struct InclusionDocument: Encodable {
    let h1: String
    let receivedMilliseconds: UInt64
    let leafIndex: UInt64
    let treeSize: UInt64
    let root: String
    let path: [String]

    enum CodingKeys: String, CodingKey {
        case h1, root, path
        case receivedMilliseconds = "received_ms"
        case leafIndex = "leaf_index"
        case treeSize = "tree_size"
    }

    init(_ inclusion: Inclusion) {
        self.h1 = inclusion.h1.bytes.hex
        self.receivedMilliseconds = inclusion.receivedMilliseconds
        self.leafIndex = inclusion.proof.leafIndex
        self.treeSize = inclusion.proof.treeSize
        self.root = inclusion.head.root.bytes.hex
        self.path = inclusion.proof.path.map { $0.bytes.hex }
    }
}

struct ConsistencyDocument: Encodable {
    let first: UInt64
    let second: UInt64
    let path: [String]

    init(_ proof: ConsistencyProof) {
        self.first = proof.firstSize
        self.second = proof.secondSize
        self.path = proof.path.map { $0.bytes.hex }
    }
}

/// A problem (RFC 9457) with the center's signed denial.
struct DenialDocument: Encodable {
    let type = "urn:wardline:problem:\(CenterRefusal.Reason.notFound.rawValue)"
    let title = "Not Found"
    let status = 404
    let code = CenterRefusal.Reason.notFound.rawValue
    let detail = "there is no such envelope; the denial is signed"
    let denial: Data

    init(_ denial: Denial) { self.denial = Data(denial.bytes) }

    var response: Response {
        get throws {
            var response = try Response.json(self, status: .notFound)
            response.headers[.contentType] = "application/problem+json"
            return response
        }
    }
}
