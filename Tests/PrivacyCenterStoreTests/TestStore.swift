import Foundation
import Merkle
import Records
import Testing

@testable import PrivacyCenterStore

/// The two databases that every test of the suite runs on.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
    case sqlite, postgreSQL

    var testDescription: String { self.rawValue }

    /// An empty store of its own.
    func makeStore(limits: StoreLimits = StoreLimits()) throws -> TestStore {
        switch self {
        case .sqlite: try TestStore(directory: TemporaryFolder(), limits: limits)
        case .postgreSQL: try TestStore(connection: PostgreSQLServer.emptySchema(), limits: limits)
        }
    }
}

/// A folder that is deleted with the test.
final class TemporaryFolder: Sendable {
    let path = NSTemporaryDirectory() + "store-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// What a crash would leave: the files as they are now, in the order in which a store relies on them.
    func copy() throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        for name in ["store.trail", "store.db-wal", "store.db", "store.sums"]
        where FileManager.default.fileExists(atPath: "\(self.path)/\(name)") {
            try FileManager.default.copyItem(atPath: "\(self.path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        return copy
    }
}

/// A store with what is needed to open it again.
struct TestStore: Sendable {
    let store: RelationalStore
    let folder: TemporaryFolder?
    let connection: ConnectionString?
    private let limits: StoreLimits

    init(directory folder: TemporaryFolder, limits: StoreLimits = StoreLimits()) throws {
        self.folder = folder
        self.connection = nil
        self.limits = limits
        self.store = try RelationalStore.sqlite(directory: folder.path, limits: limits)
    }

    init(connection: ConnectionString, limits: StoreLimits = StoreLimits()) throws {
        self.folder = nil
        self.connection = connection
        self.limits = limits
        self.store = try RelationalStore.postgreSQL(connection, limits: limits)
    }

    /// Closes the store and opens it again.
    func reopened() async throws -> TestStore {
        try await self.store.close()
        if let folder = self.folder { return try TestStore(directory: folder, limits: self.limits) }
        let connection = try #require(self.connection)
        return try TestStore(connection: connection, limits: self.limits)
    }

    /// Runs SQL as somebody would who has the database at hand.
    func tamper(_ sql: String) throws {
        try self.store.engine.write { _ = try $0.change(sql, []) }
    }

    func scrub() async throws -> ScrubReport {
        try await self.store.scrub(digest: Sample.h1) { _ in }
    }

    /// Puts the senders' certificates.
    func enrol(_ senders: [UInt8] = [0, 1]) async throws {
        for sender in senders {
            let bytes = Array("certificate \(sender)".utf8)
            _ = try await self.store.putCertificate(bytes, digest: Sample.sender(sender))
        }
    }
}

/// Envelopes and rekeys that are made from numbers.
enum Sample {
    static let received: UInt64 = 1_700_000_000_000

    static let h1: @Sendable ([UInt8]) -> Digest? = { Digest.sha256(of: Array("H1".utf8) + $0) }

    static func sender(_ number: UInt8) -> Digest { Digest.sha256(of: [1, number]) }

    static func scope(_ number: UInt8) -> Digest { Digest.sha256(of: [2, number]) }

    static func grant(_ number: UInt8) -> Digest { Digest.sha256(of: [3, number]) }

    static func envelope(
        _ sequence: UInt64,
        sender: UInt8 = 0,
        scope: UInt8 = 0,
        byteCount: Int = 300,
        salt: UInt8 = 0
    ) -> NewEnvelope {
        var bytes = Array("envelope \(sender) \(scope) \(sequence) \(salt) ".utf8)
        var state = sequence &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(salt)
        while bytes.count < byteCount {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(truncatingIfNeeded: state >> 33))
        }
        return NewEnvelope(
            h1: Digest.sha256(of: Array("H1".utf8) + bytes),
            bytes: bytes,
            sender: self.sender(sender),
            scope: self.scope(scope),
            sequence: sequence,
            created: self.received / 1_000 - 5,
            receivedMilliseconds: self.received + sequence % 1_000_000
        )
    }

    static func envelopes(_ sequences: Range<UInt64>, scope: UInt8 = 0) -> [NewEnvelope] {
        sequences.map { self.envelope($0, scope: scope) }
    }

    static func rekey(_ number: UInt8, scope: UInt8 = 0, receiver: UInt8 = 0) -> Rekey {
        Rekey(
            grantDigest: self.grant(number),
            scope: self.scope(scope),
            receiver: self.sender(receiver),
            owner: self.sender(200),
            grant: Array("grant \(number)".utf8),
            descriptor: Array("descriptor \(scope)".utf8),
            index: number,
            sealedShare: Array(repeating: number, count: 60),
            notBefore: 1_700_000_000,
            notAfter: 1_800_000_000
        )
    }
}

extension AppendOutcome {
    /// The proof, where the envelope is in the tree.
    var proof: InclusionProof? {
        switch self {
        case .stored(let proof), .alreadyStored(let proof, _): proof
        case .sequenceRepeated, .certificateUnknown: nil
        }
    }

    var isStored: Bool { if case .stored = self { true } else { false } }
}
