package import CanonicalBytes
package import Certificates
internal import Transcripts

/// Who issues keys jointly in a parameter epoch, agreed on before the first secret is made.
///
/// `"WLYP" || LP(consortium) || u64 epoch || u8 n || n × (LP(name) || LP(url))`. Secrets are bound to everything but the
/// addresses by ``context``, so that a party may move; the addresses at the setup are vouched for with the setup.
package struct IssuingPlan: Sendable, Hashable {
    /// A party and where it is reached.
    package struct Party: Sendable, Hashable {
        package let name: PartyName
        /// `https://host:port`.
        package let url: String

        package init(name: PartyName, url: String) {
            self.name = name
            self.url = url
        }
    }

    /// Parties of one plan at most.
    package static let countMax = 64
    private static let urlBytesMax = 512

    /// The chain's name, 1 to 64 characters `A-Z a-z 0-9 _ . -`.
    package let consortium: String
    /// The data epoch from which on these parameters are used; a new set of parties takes a later one.
    package let epoch: UInt64
    /// The KGC, then the privacy centers.
    package let parties: [Party]

    /// - Throws: `FORMAT` for a name or address out of form, fewer than two parties, or roles out of place; `DUPLICATE`
    ///   for a party that stands twice.
    package init(consortium: String, epoch: UInt64, parties: [Party]) throws(ProtocolFailure) {
        try require(Self.isWord(consortium), .format, "a consortium's name has 1 to 64 characters A-Z a-z 0-9 _ . -")
        try require(
            (2...Self.countMax).contains(parties.count),
            .format,
            "a KGC and 1 to \(Self.countMax - 1) privacy centers are needed"
        )
        for (place, party) in parties.enumerated() {
            let role: PartyRole = place == 0 ? .kgc : .privacyCenter
            try require(party.name.role == role, .format, "party \(place) must be a \(role.rawValue)")
            try require((1...Self.urlBytesMax).contains(party.url.utf8.count), .format, "an address out of bounds")
        }
        try require(Set(parties.map(\.name)).count == parties.count, .duplicate, "a party stands twice")
        self.consortium = consortium
        self.epoch = epoch
        self.parties = parties
    }

    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 512)
        writer.magic("WLYP")
        writer.lengthPrefixed(self.consortium)
        writer.u64(self.epoch)
        writer.u8(UInt8(self.parties.count))
        for party in self.parties {
            writer.lengthPrefixed(party.name.description)
            writer.lengthPrefixed(party.url)
        }
        return writer.bytes
    }

    /// - Throws: as the other initializer, and `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLYP")
        let consortium = try reader.text()
        let epoch = try reader.u64()
        var parties: [Party] = []
        for _ in 0..<(try reader.u8()) {
            let text = try reader.text()
            guard let name = PartyName(text), name.description.utf8.elementsEqual(text.utf8) else {
                throw ProtocolFailure(.format, "not the name of a party")
            }
            parties.append(Party(name: name, url: try reader.text()))
        }
        try reader.finish()
        try self.init(consortium: consortium, epoch: epoch, parties: parties)
    }

    /// `H("IBE-PLAN", consortium, u64 epoch, name of each party)`: names the parameters in every proof and signature.
    package var context: [UInt8] {
        TaggedHash.digest(
            "IBE-PLAN",
            list: [Array(self.consortium.utf8), self.epoch.bigEndianBytes]
                + self.parties.map { Array($0.name.description.utf8) }
        )
    }

    /// The place of a party; nil for others.
    package func place(of name: PartyName) -> UInt8? {
        self.parties.firstIndex { $0.name == name }.map { UInt8($0) }
    }

    private static func isWord(_ text: String) -> Bool {
        let allowed = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-".utf8)
        return (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(allowed.contains)
    }
}
