import CanonicalBytes
import Testing

@testable import Consensus

@Suite struct CommitteeEncodingTests {
    private let committee: Committee
    private let history: CommitteeHistory

    init() throws {
        self.committee = try Self.committee(4, epoch: 0, barred: [1], blocksPerLeader: 3)
        var history = CommitteeHistory(genesis: self.committee)
        history.follow(try Self.committee(5, epoch: 1), after: 10)
        history.follow(try Self.committee(6, epoch: 2, barred: [0, 5]), after: 11)
        self.history = history
    }

    private static func committee(
        _ size: UInt16,
        epoch: CommitteeEpoch,
        barred: [UInt16] = [],
        blocksPerLeader: UInt64 = 0
    ) throws -> Committee {
        let members = (0..<size).map {
            Member(id: ReplicaID($0 * 3), votingKey: [UInt8($0), 1], shareKey: [UInt8](repeating: 7, count: 48))
        }
        let committee = Committee(
            epoch: epoch,
            members: members,
            barredFromLeading: barred.map { ReplicaID($0 * 3) },
            blocksPerLeader: blocksPerLeader
        )
        return try #require(committee)
    }

    @Test("the bytes are those of the description")
    func layout() throws {
        let committee = try Self.committee(1, epoch: 5, blocksPerLeader: 2)
        var expected = CanonicalWriter()
        expected.raw(Array("WLCM".utf8))
        expected.u64(5)
        expected.u64(2)
        expected.u16(1)
        expected.u16(0)
        expected.lengthPrefixed([0, 1])
        expected.lengthPrefixed([UInt8](repeating: 7, count: 48))
        expected.u16(0)
        #expect(committee.bytes == expected.bytes)
    }

    @Test("committees and histories are read back as they were written, and no shorter or longer form")
    func roundTrip() throws {
        #expect(try Committee(bytes: self.committee.bytes) == self.committee)
        #expect(try CommitteeHistory(bytes: self.history.bytes) == self.history)
        for bytes in [self.committee.bytes, self.history.bytes] {
            for length in bytes.indices {
                let short = Array(bytes[..<length])
                #expect(throws: ProtocolFailure.self) { try Committee(bytes: short) }
                #expect(throws: ProtocolFailure.self) { try CommitteeHistory(bytes: short) }
            }
            #expect(throws: ProtocolFailure.self) { try Committee(bytes: bytes + [0]) }
            #expect(throws: ProtocolFailure.self) { try CommitteeHistory(bytes: bytes + [0]) }
        }
    }

    @Test("every changed byte is refused or gives another committee")
    func mutations() {
        for position in self.history.bytes.indices {
            for mask in [1, 0x80] as [UInt8] {
                var changed = self.history.bytes
                changed[position] ^= mask
                guard let read = try? CommitteeHistory(bytes: changed) else { continue }
                #expect(read != self.history && read.bytes == changed, "byte \(position)")
            }
        }
    }

    @Test(
        "what forms no committee has no encoding",
        arguments: [
            // Nobody; a member twice; a bar for a stranger; all but one barred of four.
            ([] as [UInt16], [] as [UInt16]), ([1, 1, 2, 3], []), ([2, 1, 3, 4], []), ([1, 2, 3, 4], [9]),
            ([1, 2, 3, 4], [1, 2, 3]), ([1, 2, 3, 4], [2, 1]),
        ]
    )
    func unlawful(members: [UInt16], barred: [UInt16]) {
        var writer = CanonicalWriter()
        writer.raw(Array("WLCM".utf8))
        writer.u64(0)
        writer.u64(0)
        writer.u16(UInt16(members.count))
        for id in members { Member(id: ReplicaID(id), votingKey: [1], shareKey: [2]).write(to: &writer) }
        writer.u16(UInt16(barred.count))
        for id in barred { writer.u16(id) }
        #expect(throws: ProtocolFailure.self) { try Committee(bytes: writer.bytes) }
    }

    @Test("a key that no scheme has is refused")
    func longKey() {
        let key = [UInt8](repeating: 1, count: Member.keyBytesMax + 1)
        var writer = CanonicalWriter()
        Member(id: ReplicaID(1), votingKey: [1], shareKey: key).write(to: &writer)
        var reader = CanonicalReader(writer.bytes)
        #expect(throws: ProtocolFailure.self) { try Member(from: &reader) }
    }

    @Test("a history starts at height 1 and leaves out no epoch", arguments: [(2, 1, 20), (1, 2, 20), (1, 1, 1)])
    func gaps(first: Height, nextEpoch: CommitteeEpoch, nextHeight: Height) throws {
        var writer = CanonicalWriter()
        writer.raw(Array("WLCH".utf8))
        writer.u32(2)
        writer.u64(first)
        self.committee.write(to: &writer)
        writer.u64(nextHeight)
        try Self.committee(4, epoch: nextEpoch).write(to: &writer)
        #expect(throws: ProtocolFailure.self) { try CommitteeHistory(bytes: writer.bytes) }
    }

    @Test("a count that the bytes cannot hold costs no memory")
    func hugeCount() {
        let bytes = Array("WLCH".utf8) + [0xFF, 0xFF, 0xFF, 0xFF]
        #expect(throws: ProtocolFailure.self) { try CommitteeHistory(bytes: bytes) }
    }
}
