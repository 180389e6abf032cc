package import CanonicalBytes
package import Certificates
package import Ledger
internal import Transcripts

/// A gateway's account of the envelopes of one window.
///
/// `"WLAN" || LP(chain) || LP(gateway) || certificate digest(32) || u64 window || root(32) || u32 count || u64
/// created_min || u64 created_max || u16 n × (scope(32) || LP(page))`, scopes strictly ascending.
package struct Anchor: MethodArguments {
    package static let contract = "index"
    package static let method = "anchor"
    package static let channels: [Channel] = [.index]
    package static let scopesMax = 256
    package static let pageBytesMax = 65_536

    /// What a window holds of one scope.
    package struct Page: Hashable, Sendable {
        package let scope: [UInt8]
        /// The sealed index page (specification of the cryptographic layer, section 7.6).
        package let page: [UInt8]

        package init(scope: [UInt8], page: [UInt8]) {
            self.scope = scope
            self.page = page
        }

        /// `H("INDEX-PAGE", page)`, which the state keeps.
        package var digest: [UInt8] { TaggedHash.digest("INDEX-PAGE", self.page) }
    }

    /// The chain's identifier.
    package let chain: [UInt8]
    package let gateway: PartyName
    /// Of the gateway's certificate.
    package let certificate: [UInt8]
    /// The window's number; a gateway uses none twice.
    package let window: UInt64
    /// RFC 9162 tree over the window's envelope digests.
    package let root: [UInt8]
    /// Envelopes in the window, at least one.
    package let count: UInt32
    /// Of the oldest envelope, seconds since 1970.
    package let createdMin: UInt64
    /// Of the newest envelope, seconds since 1970.
    package let createdMax: UInt64
    /// 1 to ``scopesMax``, ascending by scope.
    package let pages: [Page]

    package init(
        chain: [UInt8],
        gateway: PartyName,
        certificate: [UInt8],
        window: UInt64,
        root: [UInt8],
        count: UInt32,
        createdMin: UInt64,
        createdMax: UInt64,
        pages: [Page]
    ) {
        self.chain = chain
        self.gateway = gateway
        self.certificate = certificate
        self.window = window
        self.root = root
        self.count = count
        self.createdMin = createdMin
        self.createdMax = createdMax
        self.pages = pages
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.magic("WLAN")
        writer.lengthPrefixed(self.chain)
        writer.party(self.gateway)
        writer.raw(self.certificate)
        writer.u64(self.window)
        writer.raw(self.root)
        writer.u32(self.count)
        writer.u64(self.createdMin)
        writer.u64(self.createdMax)
        writer.u16(UInt16(truncatingIfNeeded: self.pages.count))
        for page in self.pages {
            writer.raw(page.scope)
            writer.lengthPrefixed(page.page)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        try reader.magic("WLAN")
        self.chain = try reader.lengthPrefixed()
        self.gateway = try reader.partyName()
        self.certificate = try reader.hash()
        self.window = try reader.u64()
        self.root = try reader.hash()
        self.count = try reader.u32()
        self.createdMin = try reader.u64()
        self.createdMax = try reader.u64()
        try require(self.count > 0 && self.createdMin <= self.createdMax, .format, "an empty window")
        let scopes = Int(try reader.u16())
        try require((1...Self.scopesMax).contains(scopes), .format, "\(scopes) scopes")
        var pages: [Page] = []
        for _ in 0..<scopes {
            let page = Page(scope: try reader.hash(), page: try reader.lengthPrefixed())
            try require(page.page.count <= Self.pageBytesMax, .format, "a page of \(page.page.count) bytes")
            let isNext = pages.last.map { $0.scope.lexicographicallyPrecedes(page.scope) } ?? true
            try require(isNext, .format, "scopes that do not ascend")
            pages.append(page)
        }
        self.pages = pages
    }
}
