package import CanonicalBytes
internal import Certificates
internal import Ledger
internal import Transcripts

/// Keys of the access contract.
package enum AccessKey {
    /// ``AccessRequest`` by its identifier.
    package static func request(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "request", id) }

    /// The identifier of the request that an exchange's share digest is of.
    package static func filed(_ share: [UInt8]) -> [UInt8] { StateKey.make("access", "filed", share) }

    /// ``Permission`` by its identifier.
    package static func permission(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "permission", id) }

    /// ``Consent`` by its identifier.
    package static func consent(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "consent", id) }

    /// ``ScopeConsents`` of an organization's scope.
    package static func consents(of scope: [UInt8], _ organization: String) -> [UInt8] {
        StateKey.make("access", "scope", organization.utf8, scope)
    }

    /// The organization and the scope of a key that ``consents(of:_:)`` made; nil for another one.
    package static func scope(ofConsents key: [UInt8]) -> (organization: String, scope: [UInt8])? {
        let prefix = StateKey.make("access", "scope", [UInt8]())
        guard key.starts(with: prefix), let end = key.dropFirst(prefix.count).firstIndex(of: 0) else { return nil }
        let (word, scope) = (key[prefix.count..<end], Array(key[(end + 1)...]))
        guard (1...63).contains(word.count), word.allSatisfy(Word.isCharacter), scope.count == 32 else { return nil }
        return (String(decoding: word, as: UTF8.self), scope)
    }

    /// ``ScopeHolder`` of an organization's scope.
    package static func holder(of scope: [UInt8], _ organization: String) -> [UInt8] {
        StateKey.make("access", "holder", organization.utf8, scope)
    }

    /// ``Offer`` by its identifier.
    package static func offer(_ id: [UInt8]) -> [UInt8] { StateKey.make("access", "offer", id) }

    /// The permission that the holder of a certificate got for a scope of an offer.
    package static func acceptance(of offer: [UInt8], scope: [UInt8], by requester: [UInt8]) -> [UInt8] {
        StateKey.make("access", "accepted", offer, scope + requester)
    }

    /// ``TraceOrder`` by its identifier.
    package static func trace(_ order: [UInt8]) -> [UInt8] { StateKey.make("access", "trace", order) }
}

/// A request with its fate: `u8 status || requester(32) || LP(name) || permission(32) || u64 time || LP(arguments)`.
package struct AccessRequest: StateRecord {
    package enum Status: UInt8, Hashable, Sendable {
        case open = 0
        case permitted = 1
        case denied = 2
    }

    package var status: Status
    /// Digest of the requester's certificate.
    package let requester: [UInt8]
    /// Empty for a pseudonym.
    package let requesterName: String
    /// Zero until there is one.
    package var permission: [UInt8]
    /// Milliseconds since 1970: the block of the request.
    package let time: UInt64
    package let arguments: RequestAccess

    init(_ arguments: RequestAccess, requester: [UInt8], name: String, time: UInt64) {
        self.status = .open
        self.requester = requester
        self.requesterName = name
        self.permission = [UInt8](repeating: 0, count: 32)
        self.time = time
        self.arguments = arguments
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.u8(self.status.rawValue)
        writer.raw(self.requester)
        writer.lengthPrefixed(self.requesterName)
        writer.raw(self.permission)
        writer.u64(self.time)
        writer.lengthPrefixed(self.arguments.bytes)
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        guard let status = Status(rawValue: try reader.u8()) else { throw ProtocolFailure(.format, "no such status") }
        self.status = status
        self.requester = try reader.hash()
        self.requesterName = try reader.text()
        self.permission = try reader.hash()
        self.time = try reader.u64()
        self.arguments = try RequestAccess(bytes: try reader.lengthPrefixed())
    }
}
