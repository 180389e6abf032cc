import CanonicalBytes
import ChainReading
import Contracts
import P256Group
import Signcryption
import Synchronization
import Testing
import Transcripts
import Uplink

@testable import Custodian

@Suite struct IndexKeyHandoverTests {
    private static let rules = "  - {name: all, action: grant}"
    private static let gateway = "north:gateway:gw-1"

    private func refusal(_ server: TestServer, _ permission: [UInt8]) async throws -> String {
        try await server.refusal(as: "south:researcher:ada", presents: .nothing) { client in
            _ = try await client.indexKeys(under: permission, bytesMax: IndexKeyHandover.bytesMax)
        }
    }

    private func handover(_ server: TestServer, _ permission: [UInt8]) async throws -> IndexKeyHandover {
        let bytes = try await server.asking(as: "south:researcher:ada", presents: .nothing) {
            try await $0.indexKeys(under: permission, bytesMax: IndexKeyHandover.bytesMax)
        }
        return try IndexKeyHandover(bytes: bytes)
    }

    @Test func `under an accepted offer only the receiver opens the index keys`() async throws {
        try await TestServer.run(Self.rules) { server in
            let scope = try server.test.scope()
            let key = SecureRandom.bytes(32)
            server.index.state.withLock { state in
                state.keys[scope.digest.hex] = [
                    CollectedIndexKey(sender: Self.gateway, key: SecureRandom.bytes(32)),
                    CollectedIndexKey(sender: "north:gateway:gw-0", key: SecureRandom.bytes(32)),
                    CollectedIndexKey(sender: Self.gateway, key: key),
                ]
                // Another center has them too.
                state.away = [server.index.centers[0]]
            }
            let permission = try server.test.permit(scope.digest, kind: .offered)
            #expect(try await self.refusal(server, permission.id) == "404 grant-pending")
            try await server.test.settle()
            let handover = try await self.handover(server, permission.id)
            #expect(handover.permission == permission.id && handover.scope == scope.digest)
            #expect(handover.entries.map(\.sender) == ["north:gateway:gw-0", Self.gateway])
            let entry = try #require(handover.entries.last)
            #expect(try handover.open(entry, with: server.test.researcher.key) == key)
            #expect(throws: ProtocolFailure.self) { try handover.open(entry, with: .generate()) }
            let other = try #require(handover.entries.first)
            let moved = try IndexKeyHandover(bytes: self.swapped(handover.bytes, entry.sealed, other.sealed))
            #expect(throws: ProtocolFailure.self) {
                try moved.open(moved.entries[1], with: server.test.researcher.key)
            }
        }
    }

    private func swapped(_ bytes: [UInt8], _ one: [UInt8], _ other: [UInt8]) throws -> [UInt8] {
        let first = try #require(bytes.indices.first { bytes[$0...].starts(with: one) })
        let second = try #require(bytes.indices.first { bytes[$0...].starts(with: other) })
        var bytes = bytes
        bytes.replaceSubrange(first..<(first + one.count), with: other)
        bytes.replaceSubrange(second..<(second + other.count), with: one)
        return bytes
    }

    @Test(arguments: [Permission.Kind.decided, .proven])
    func `who satisfies a policy gets none`(kind: Permission.Kind) async throws {
        try await TestServer.run(Self.rules) { server in
            let scope = try server.test.scope()
            server.index.state.withLock { state in
                state.keys[scope.digest.hex] = [CollectedIndexKey(sender: Self.gateway, key: SecureRandom.bytes(32))]
            }
            let permission = try server.test.permit(scope.digest, kind: kind)
            try await server.test.settle()
            #expect(try await self.refusal(server, permission.id) == "404 not-for-this-kind")
        }
    }

    @Test func `nothing is handed over without a grant that stands`() async throws {
        try await TestServer.run(Self.rules) { server in
            let scope = try server.test.scope()
            #expect(try await self.refusal(server, SecureRandom.bytes(32)) == "404 grant-pending")
            let permission = try server.test.permit(scope.digest, kind: .offered)
            try await server.test.settle()
            #expect(try await self.refusal(server, permission.id) == "404 no-index-key")
            server.test.chain.state.withLock { $0.standing[permission.id] = .offerWithdrawn }
            #expect(try await self.refusal(server, permission.id) == "404 grant-refused")
            server.test.chain.state.withLock { $0.standing[permission.id] = .chainUnavailable }
            #expect(try await self.refusal(server, permission.id) == "503 chain-unavailable")
        }
    }

    @Test func `in an emergency nothing is handed over before the reason`() async throws {
        try await TestServer.run(Self.rules) { server in
            let scope = try server.test.scope()
            let joe = try TestRequester("south:clinician:joe", from: server.test.authority, at: TestDesk.start / 1_000)
            let key = SecureRandom.bytes(32)
            server.index.state.withLock { state in
                state.keys[scope.digest.hex] = [CollectedIndexKey(sender: Self.gateway, key: key)]
            }
            let permission = try server.test.permit(
                scope.digest,
                kind: .emergency,
                purpose: EmergencyAccess.purpose,
                by: joe,
                basis: try EmergencyStatement.digest(of: "resuscitation, room 4"),
                decider: "south:clinician:joe"
            )
            try await server.test.settle()
            #expect(try await self.refusal(server, permission.id) == "404 grant-pending")
            try server.test.desk.state("resuscitation, room 4", by: "south:clinician:joe", for: permission.id)
            try await server.test.settle()
            let handover = try await self.handover(server, permission.id)
            let entry = try #require(handover.entries.first)
            #expect(try handover.open(entry, with: joe.key) == key)
            #expect(throws: ProtocolFailure.self) { try handover.open(entry, with: server.test.researcher.key) }
        }
    }
}
