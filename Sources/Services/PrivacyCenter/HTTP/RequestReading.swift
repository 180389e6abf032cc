internal import Certificates
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Records
internal import SecureHTTP

/// Reads the parts of a request strictly: what is misspelt is refused, never ignored.
struct RequestReading {
    let request: Request
    let context: SecureRequestContext

    /// A digest that is a part of the path, 64 hexadecimal digits.
    func pathDigest(_ name: String) throws -> Digest {
        try Self.digest(self.context.parameters.get(name) ?? "", name)
    }

    /// A digest of the query; nil when it is not there.
    func queryDigest(_ name: String) throws -> Digest? {
        try self.query(name).map { try Self.digest($0, name) }
    }

    /// A number of the query; nil when it is not there.
    func queryNumber(_ name: String) throws -> UInt64? {
        try self.query(name).map { text in
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(text) else {
                throw CenterRefusal.refused(.malformedParameter, "\(name) is a whole number below 2^64")
            }
            return number
        }
    }

    /// How many entries a listing may have: `limit` of the query, or the most there are.
    func limit(max: Int) throws -> Int {
        let limit = try self.queryNumber("limit") ?? UInt64(max)
        guard (1...UInt64(max)).contains(limit) else {
            throw CenterRefusal.refused(.malformedParameter, "limit is 1 to \(max)")
        }
        return Int(limit)
    }

    /// Who asks, by certificate or by a proof of being a grant's receiver.
    ///
    /// - Throws: ``CenterRefusal`` for a proof that is not of its form.
    func visitor(_ peer: PartyName?) throws -> Visitor {
        guard let name = HTTPField.Name(ReceiverProof.fieldName), let text = self.request.headers[name] else {
            return Visitor(peer: peer, proof: nil)
        }
        guard let bytes = Data(base64Encoded: text), let proof = ReceiverProof(bytes: [UInt8](bytes)) else {
            throw CenterRefusal.refused(
                .malformedParameter,
                "\(ReceiverProof.fieldName) is a time and a signature in base64"
            )
        }
        return Visitor(peer: peer, proof: proof)
    }

    /// Requires that the query has no other names, and none twice.
    func requireQuery(_ names: [String]) throws {
        var seen: Set<String> = []
        for (name, _) in self.request.uri.queryParameters {
            guard names.contains(String(name)), seen.insert(String(name)).inserted else {
                throw CenterRefusal.refused(.malformedParameter, "the query takes \(names) once each")
            }
        }
    }

    /// Requires a body of the type, or of none.
    func requireType(_ type: String) throws {
        guard let found = self.request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == type else {
            throw CenterRefusal.refused(.unsupportedMediaType, "the body must be \(type)")
        }
    }

    /// Reads 64 hexadecimal digits.
    static func digest(_ text: String, _ name: String) throws -> Digest {
        guard let digest = Digest(hex: Array(text.utf8)) else {
            throw CenterRefusal.refused(.malformedParameter, "\(name) is a digest of 64 hexadecimal digits")
        }
        return digest
    }

    private func query(_ name: String) -> String? { self.request.uri.queryParameters[Substring(name)].map(String.init) }
}
