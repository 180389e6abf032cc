internal import CanonicalBytes
internal import Credentials
@preconcurrency internal import Glibc
internal import IdentityEncryption
internal import SecretSharing
internal import Transcripts

/// The files of one set of parameters: `<directory>/<epoch>/`, mode 0700 with files of mode 0600.
///
/// Every file is written whole and renamed, so that after a crash each is either there or not; what depends on which
/// is told in `docs/key-issuing.md`.
struct SetFolder: Sendable {
    enum Name: String {
        case plan
        /// The party's own statements of the setup.
        case commitment, step, endorsement
        /// What the party saw of all parties: lists of statements.
        case commitments, steps
        /// The complete parameters.
        case parameters = "parameters.wly"
        /// The refresh that this party is ready for: both statements.
        case ready = "refresh.ready"
    }

    private static let bytesMax = ParametersFile.bytesMax
    let path: String
    private let key: SealingKey
    private let plan: IssuingPlan
    private let place: UInt8

    /// Makes the folder unless it is there.
    ///
    /// - Throws: `CredentialsError`; ``IssuingRefusal`` when the folder is of another set of parties.
    init(_ directory: String, _ plan: IssuingPlan, place: UInt8, key: SealingKey) throws {
        self.path = "\(directory)/\(plan.epoch)"
        self.key = key
        self.plan = plan
        self.place = place
        try PrivateFile.makeDirectory(self.path)
        guard let bytes = try self.read(.plan) else { return }
        let known = try IssuingPlan(bytes: bytes)
        guard known.context == plan.context else {
            throw CredentialsError.malformed(
                "\(self.path) is of another set of parties; a new set takes a new epoch"
            )
        }
    }

    // MARK: - Public files

    /// nil when there is no such file.
    func read(_ name: Name) throws(CredentialsError) -> [UInt8]? {
        try self.read(self.file(name))
    }

    func write(_ bytes: [UInt8], to name: Name) throws(CredentialsError) {
        try PrivateFile.write(bytes, to: self.file(name))
    }

    func statement(_ name: Name) throws -> PartyStatement? {
        try self.read(name).map { try PartyStatement(bytes: $0) }
    }

    /// The statements of a list; nil when there is no such file.
    func statements(_ name: Name) throws -> [PartyStatement]? {
        guard let bytes = try self.read(name) else { return nil }
        var reader = CanonicalReader(bytes)
        var statements: [PartyStatement] = []
        while reader.remaining > 0 { statements.append(try PartyStatement(bytes: try reader.lengthPrefixed())) }
        return statements
    }

    func write(_ statements: [PartyStatement], to name: Name) throws {
        var writer = CanonicalWriter(capacity: 4_096)
        for statement in statements { writer.lengthPrefixed(statement.bytes) }
        try self.write(writer.bytes, to: name)
    }

    /// The refresh that this party is ready for.
    func readyRefresh() throws -> SignedRefresh? {
        guard let bytes = try self.read(.ready) else { return nil }
        return try Self.refresh(bytes)
    }

    func write(ready refresh: SignedRefresh) throws { try self.write([refresh.give, refresh.take], to: .ready) }

    private static func refresh(_ bytes: [UInt8]) throws -> SignedRefresh {
        var reader = CanonicalReader(bytes)
        let refresh = SignedRefresh(
            give: try PartyStatement(bytes: try reader.lengthPrefixed()),
            take: try PartyStatement(bytes: try reader.lengthPrefixed())
        )
        try reader.finish()
        return refresh
    }

    // MARK: - Secrets

    /// The share of a round; nil when there is none.
    func share(_ round: UInt64) throws -> SecretFr? {
        let path = self.shareFile(round)
        guard PrivateFile.exists(path) else { return nil }
        let sealed = try PrivateFile.read(path, upTo: 1_024)
        do {
            return try self.key.open(sealed, .share, self.plan, place: self.place, round: round)
        } catch { throw CredentialsError.malformed("\(path) cannot be opened with the sealing key: \(error)") }
    }

    func write(_ share: SecretFr, of round: UInt64) throws(CredentialsError) {
        let sealed = self.key.seal(share, .share, self.plan, place: self.place, round: round)
        try PrivateFile.write(sealed, to: self.shareFile(round))
    }

    /// Overwrites the shares of all rounds before one, and removes them.
    ///
    /// A file system that keeps old blocks still has them, sealed: who must be safe from that changes the sealing key too.
    func eraseShares(before round: UInt64) {
        let old = self.names.compactMap { name in
            name.hasPrefix("share.") ? UInt64(name.dropFirst(6)).flatMap { $0 < round ? $0 : nil } : nil
        }
        for number in old { self.erase(self.shareFile(number)) }
        if !old.isEmpty { PrivateFile.synchronize(directory: self.path) }
    }

    // MARK: - Refreshes that may come

    // A party keeps every one that it took part in, until one of them is in force: the first party may become ready for
    // any of them, and then the others must still be able to.

    /// Keeps what this party gave, with the share that it would have.
    func keep(_ give: PartyStatement, factor: SecretFr, share: SecretFr, _ pair: RefreshPair) throws {
        try self.keep(share, pair)
        var writer = CanonicalWriter(capacity: 2_048)
        writer.lengthPrefixed(give.bytes)
        writer.lengthPrefixed(self.key.seal(factor, .factor(pair), self.plan, place: self.place, round: pair.round))
        try PrivateFile.write(writer.bytes, to: self.pairFile("given", pair))
    }

    /// What this party gave; nil when it did not, or only began to.
    func given(_ pair: RefreshPair) throws -> (give: PartyStatement, factor: SecretFr)? {
        guard let bytes = try self.read(self.pairFile("given", pair)) else { return nil }
        var reader = CanonicalReader(bytes)
        let give = try PartyStatement(bytes: try reader.lengthPrefixed())
        let sealed = try reader.lengthPrefixed()
        return (give, try self.key.open(sealed, .factor(pair), self.plan, place: self.place, round: pair.round))
    }

    /// Keeps what this party took, with the share that it would have.
    func keep(_ refresh: SignedRefresh, share: SecretFr, _ pair: RefreshPair) throws {
        try self.keep(share, pair)
        var writer = CanonicalWriter(capacity: 2_048)
        writer.lengthPrefixed(refresh.give.bytes)
        writer.lengthPrefixed(refresh.take.bytes)
        try PrivateFile.write(writer.bytes, to: self.pairFile("taken", pair))
    }

    /// What this party took; nil when it did not, or only began to.
    func taken(_ pair: RefreshPair) throws -> SignedRefresh? {
        try self.read(self.pairFile("taken", pair)).map { try Self.refresh($0) }
    }

    /// The share that this party would have; nil when it took no part.
    func nextShare(_ pair: RefreshPair) throws -> SecretFr? {
        guard let sealed = try self.read(self.pairFile("share", pair)) else { return nil }
        return try self.key.open(sealed, .nextShare(pair), self.plan, place: self.place, round: pair.round)
    }

    /// Forgets every refresh of a round that is over; the files with secrets are overwritten.
    func forgetRefreshes() {
        for name in self.names where name.hasPrefix("refresh.") { self.erase("\(self.path)/\(name)") }
        PrivateFile.synchronize(directory: self.path)
    }

    private func keep(_ share: SecretFr, _ pair: RefreshPair) throws(CredentialsError) {
        let sealed = self.key.seal(share, .nextShare(pair), self.plan, place: self.place, round: pair.round)
        try PrivateFile.write(sealed, to: self.pairFile("share", pair))
    }

    private func pairFile(_ what: String, _ pair: RefreshPair) -> String {
        "\(self.path)/refresh.\(what).\(pair.round).\(pair.giver).\(pair.taker)"
    }

    private func read(_ path: String) throws(CredentialsError) -> [UInt8]? {
        PrivateFile.exists(path) ? try PrivateFile.read(path, upTo: Self.bytesMax) : nil
    }

    private var names: [String] {
        guard let stream = opendir(self.path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names
    }

    private func erase(_ path: String) {
        guard let length = try? PrivateFile.read(path, upTo: Self.bytesMax).count else { return }
        let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        let zeros = [UInt8](repeating: 0, count: length)
        _ = zeros.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        fsync(descriptor)
        close(descriptor)
        unlink(path)
    }

    private func file(_ name: Name) -> String { "\(self.path)/\(name.rawValue)" }
    private func shareFile(_ round: UInt64) -> String { "\(self.path)/share.\(round)" }
}
