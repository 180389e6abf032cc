package import CanonicalBytes

/// The name of a contract: 1 to 63 of the characters `a-z 0-9 -`.
package struct CodeName: Hashable, Sendable {
    package let bytes: [UInt8]

    /// - Throws: `FORMAT`.
    package init(_ text: String) throws(ProtocolFailure) { try self.init(bytes: Array(text.utf8)) }

    init(bytes: [UInt8]) throws(ProtocolFailure) {
        let isWord = bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        try require((1...63).contains(bytes.count) && isWord, .format, "not the name of a contract")
        self.bytes = bytes
    }
}

/// The digest of a contract's code, 32 bytes.
package struct CodeDigest: Hashable, Sendable {
    package let bytes: [UInt8]

    /// - Throws: `FORMAT` unless there are 32 bytes.
    package init(_ bytes: [UInt8]) throws(ProtocolFailure) {
        try require(bytes.count == 32, .format, "\(bytes.count) bytes of a code's digest")
        self.bytes = bytes
    }
}

/// A contract's code and what is held for it: `LP(owner) || u64 deposit || u64 retired at || 1 or 2 × version`, a version is
/// `digest(32) || u64 active from || u64 deposit`.
package struct ContractCode: CreditRecord {
    /// Code that is or will be the contract's.
    package struct Version: Hashable, Sendable {
        package let digest: CodeDigest
        /// The first height at which it counts.
        package let activeFrom: UInt64
        /// What is held for an upgrade until its trial is over.
        package internal(set) var deposit: Credits
    }

    package let owner: AccountID
    /// What is held while the contract exists.
    package internal(set) var deposit: Credits
    /// The height at which the owner or the governors gave the contract up; 0: it stands.
    package internal(set) var retiredAt: UInt64
    /// The version before the newest upgrade.
    package internal(set) var base: Version
    /// The newest upgrade, until the next one.
    package internal(set) var upgrade: Version?

    init(owner: AccountID, deposit: Credits, base: Version) {
        self.owner = owner
        self.deposit = deposit
        self.retiredAt = 0
        self.base = base
        self.upgrade = nil
    }

    /// The digest that counts at a height.
    ///
    /// - Returns: nil before the first activation, and from the retirement on.
    package func active(at height: UInt64) -> CodeDigest? {
        guard self.retiredAt == 0 || height < self.retiredAt else { return nil }
        if let upgrade = self.upgrade, height >= upgrade.activeFrom { return upgrade.digest }
        return height >= self.base.activeFrom ? self.base.digest : nil
    }

    package func write(to writer: inout CanonicalWriter) {
        writer.account(self.owner)
        writer.credits(self.deposit)
        writer.u64(self.retiredAt)
        for version in [self.base, self.upgrade] {
            guard let version else { continue }
            writer.raw(version.digest.bytes)
            writer.u64(version.activeFrom)
            writer.credits(version.deposit)
        }
    }

    package init(from reader: inout CanonicalReader) throws(ProtocolFailure) {
        self.owner = try reader.account()
        self.deposit = try reader.credits()
        self.retiredAt = try reader.u64()
        self.base = try Self.version(&reader)
        self.upgrade = reader.remaining > 0 ? try Self.version(&reader) : nil
    }

    private static func version(_ reader: inout CanonicalReader) throws(ProtocolFailure) -> Version {
        Version(
            digest: try CodeDigest(try reader.take(32)),
            activeFrom: try reader.u64(),
            deposit: try reader.credits()
        )
    }
}
