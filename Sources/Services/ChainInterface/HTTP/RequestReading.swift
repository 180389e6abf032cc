internal import CanonicalBytes
internal import Consensus
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import SecureHTTP

/// Reads the parts of a request strictly: what is misspelt is refused, never ignored.
struct RequestReading {
    let request: Request
    let context: SecureRequestContext

    /// The channel that the path names.
    func channel() throws -> Channel {
        guard let channel = Channel(name: self.part("channel")) else {
            throw Problem(.notFound, code: "unknown-channel", detail: "the channels are access and index")
        }
        return channel
    }

    /// The identifier of a transaction in the path, 64 hexadecimal digits.
    func transactionID() throws -> [UInt8] {
        guard let id = [UInt8](hex: self.part("id")), id.count == 32 else {
            throw Self.malformed("a transaction's identifier has 64 hexadecimal digits")
        }
        return id
    }

    /// A subject in the path, 64 hexadecimal digits.
    func subject() throws -> [UInt8] {
        guard let subject = [UInt8](hex: self.part("subject")), subject.count == 32 else {
            throw Self.malformed("a subject has 64 hexadecimal digits")
        }
        return subject
    }

    /// A key of the state in the path, hexadecimal.
    func stateKey() throws -> [UInt8] {
        guard let key = [UInt8](hex: self.part("key")), (1...ChainAPILimits.keyBytesMax).contains(key.count) else {
            throw Self.malformed("a key has 1 to \(ChainAPILimits.keyBytesMax) bytes, in hexadecimal digits")
        }
        return key
    }

    /// A height in the path, or `latest`, for which the tip is given.
    func height(latest tip: Height) throws -> Height {
        let text = self.part("height")
        if text.utf8.elementsEqual("latest".utf8) { return tip }
        guard let height = Self.number(text) else { throw Self.malformed("a height is a whole number, or latest") }
        return height
    }

    /// The place of a leaf in its tree, in the path.
    func leafIndex() throws -> Int {
        guard let index = Self.number(self.part("index")), index <= UInt64(UInt32.max) else {
            throw Self.malformed("a leaf's index is a whole number below 2^32")
        }
        return Int(index)
    }

    /// The tree that `tree` of the query names: `out`, also without it, or `timeout`.
    func outboundTree() throws -> OutboundTree {
        let text = self.query("tree") ?? "out"
        switch Array(text.utf8) {
        case Array("out".utf8): return .out
        case Array("timeout".utf8): return .timeout
        default: throw Self.malformed("tree is out or timeout")
        }
    }

    /// A number of the query; nil when it is not there.
    func queryNumber(_ name: String) throws -> UInt64? {
        try self.query(name).map { text in
            guard let number = Self.number(text) else {
                throw Self.malformed("\(name) is a whole number below 2^64")
            }
            return number
        }
    }

    /// How many entries a listing may have: `limit` of the query, or the most there may be.
    func limit(most: Int = ChainAPILimits.listCountMax) throws -> Int {
        let limit = try self.queryNumber("limit") ?? UInt64(most)
        guard (1...UInt64(most)).contains(limit) else { throw Self.malformed("limit is 1 to \(most)") }
        return Int(limit)
    }

    /// Behind which event a subscriber goes on: what it saw last, or `since` of the query; nil for neither.
    func eventPlace() throws -> EventPlace? {
        let name = HTTPField.Name("Last-Event-ID")
        return try (name.flatMap { self.request.headers[$0] } ?? self.query("since")).map(Self.place)
    }

    /// A place of the query; nil when it is not there.
    func queryPlace(_ name: String) throws -> EventPlace? { try self.query(name).map(Self.place) }

    private static func place(_ text: String) throws -> EventPlace {
        guard let place = EventPlace(text) else { throw Self.malformed("an event's place is <height>.<index>") }
        return place
    }

    /// Requires that the query has no other names, and none twice.
    func requireQuery(_ names: [String]) throws {
        var seen: Set<String> = []
        for (name, _) in self.request.uri.queryParameters {
            guard names.contains(String(name)), seen.insert(String(name)).inserted else {
                throw Self.malformed("the query takes \(names) once each")
            }
        }
    }

    /// Requires a body of bytes, or one without a type.
    func requireBytes() throws {
        guard let found = self.request.headers[.contentType] else { return }
        let bare = found.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard bare == "application/octet-stream" else {
            throw Problem(
                .unsupportedMediaType,
                code: "unsupported-media-type",
                detail: "the body must be application/octet-stream"
            )
        }
    }

    static func malformed(_ detail: String) -> Problem {
        Problem(.badRequest, code: "malformed-parameter", detail: detail)
    }

    private func part(_ name: String) -> String { self.context.parameters.get(name) ?? "" }

    private func query(_ name: String) -> String? { self.request.uri.queryParameters[Substring(name)].map(String.init) }

    private static func number(_ text: String) -> UInt64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt64(text) : nil
    }
}
