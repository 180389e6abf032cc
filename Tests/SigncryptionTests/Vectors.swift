internal import CanonicalBytes
internal import Certificates
internal import Foundation
internal import P256Group
internal import Testing
internal import Transcripts

/// A value of a vector file.
enum JSONValue: Sendable, Hashable, Decodable {
    case text(String)
    case number(UInt64)
    case flag(Bool)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

/// One case of a vector file: inputs, and outputs or the code of the error.
struct VectorCase: Sendable, Decodable, CustomTestStringConvertible {
    let name: String
    let op: String
    let input: VectorInput
    let output: JSONValue?
    let error: String?

    var testDescription: String { self.name }

    private enum CodingKeys: String, CodingKey {
        case name
        case op
        case input = "in"
        case output = "out"
        case error
    }

    static let cbsre: [VectorCase] = {
        struct File: Decodable { let cases: [VectorCase] }
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/vectors/C_cbsre.json")
        guard let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data) else {
            return []
        }
        return file.cases.filter { $0.op.hasPrefix("cbsre.") }
    }()
}

/// The inputs of a case, by name; a missing one fails the test.
struct VectorInput: Sendable, Decodable {
    struct Missing: Error { let name: String }

    let fields: [String: JSONValue]

    init(_ fields: [String: JSONValue]) { self.fields = fields }

    init(from decoder: any Decoder) throws {
        self.fields = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    func text(_ name: String) throws -> String {
        guard case .text(let text) = self.fields[name] else { throw Missing(name: name) }
        return text
    }

    func bytes(_ name: String) throws -> [UInt8] {
        guard let bytes = [UInt8](hex: try self.text(name)) else { throw Missing(name: name) }
        return bytes
    }

    /// Nil for an absent or empty field.
    func optionalBytes(_ name: String) throws -> [UInt8]? {
        guard self.fields[name] != nil else { return nil }
        let bytes = try self.bytes(name)
        return bytes.isEmpty ? nil : bytes
    }

    func number(_ name: String) throws -> UInt64 {
        guard case .number(let number) = self.fields[name] else { throw Missing(name: name) }
        return number
    }

    func list(_ name: String) throws -> [JSONValue] {
        guard case .list(let list) = self.fields[name] else { throw Missing(name: name) }
        return list
    }

    func objects(_ name: String) throws -> [VectorInput] {
        try self.list(name).map {
            guard case .object(let fields) = $0 else { throw Missing(name: name) }
            return VectorInput(fields)
        }
    }

    func byteList(_ name: String) throws -> [[UInt8]] {
        try self.list(name).map {
            guard case .text(let text) = $0, let bytes = [UInt8](hex: text) else { throw Missing(name: name) }
            return bytes
        }
    }

    func object(_ name: String) throws -> VectorInput {
        guard case .object(let fields) = self.fields[name] else { throw Missing(name: name) }
        return VectorInput(fields)
    }

    /// The digest of a certificate that the operation does not read.
    func certificateDigest(_ name: String) throws -> [UInt8] {
        TaggedHash.digest("ECQV-CERT-ID", try self.bytes(name))
    }

    func scalar(_ name: String) throws -> P256Scalar { try P256Scalar(self.bytes(name)) }
    func key(_ name: String) throws -> P256KeyPair { try P256KeyPair(secret: self.scalar(name)) }

    func issuer(name: String = "issuer", key: String = "Q_ca") throws -> CertificateIssuer {
        CertificateIssuer(name: try self.text(name), publicKey: try P256PublicKey(self.bytes(key)))
    }
}
