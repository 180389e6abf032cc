import Records
import Signcryption
import Synchronization
import Testing
import Uplink

@testable import Receiving

@Suite struct PatienceTests {
    /// A center that fails so many times, then answers.
    private final class BusyCenter: SharingCenter {
        private let left: Mutex<Int>
        private let failure: UplinkFailure

        init(_ times: Int, _ failure: UplinkFailure) {
            self.left = Mutex(times)
            self.failure = failure
        }

        private func answer() throws(UplinkFailure) -> [UInt8] {
            let isBusy = self.left.withLock { left in
                left -= 1
                return left >= 0
            }
            if isBusy { throw self.failure }
            return [7]
        }

        func putCertificate(_ bytes: [UInt8], digest: Digest) async throws(UplinkFailure) { _ = try self.answer() }

        func envelopes(
            ofScope scope: [UInt8],
            after next: UInt64?,
            under grant: Digest?
        ) async throws(UplinkFailure) -> EnvelopeListPage { throw self.failure }

        func envelope(_ h1: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] { try self.answer() }

        func envelopes(_ h1s: [Digest], under grant: Digest) async throws(UplinkFailure) -> [[UInt8]] {
            let answer = try self.answer()
            return h1s.map { _ in answer }
        }

        func capsule(_ digest: Digest, under grant: Digest?) async throws(UplinkFailure) -> [UInt8] {
            try self.answer()
        }

        func certificate(_ digest: Digest) async throws(UplinkFailure) -> [UInt8] { try self.answer() }

        func answer(_ question: ReencryptionQuestion) async throws(UplinkFailure) -> SharingAnswer {
            SharingAnswer(parts: [:], delivery: try self.answer(), head: [])
        }
    }

    private final class Pauses: Sendable {
        let seconds = Mutex<[Int]>([])

        var all: [Int] { self.seconds.withLock { $0 } }
    }

    private static let digest = Digest.sha256(of: [1])

    private static func busy(_ seconds: Int?) -> UplinkFailure {
        .refused(status: 429, code: "too-many-requests", detail: "", retryAfterSeconds: seconds)
    }

    @Test(
        "A center that is asked too often is asked again when it said",
        arguments: [(3, 3), (0, 1), (nil, 1)] as [(Int?, Int)]
    )
    func asked(_ wish: Int?, _ pause: Int) async throws {
        let pauses = Pauses()
        let busy = BusyCenter(2, Self.busy(wish))
        let center = PatientCenter(busy) { seconds in pauses.seconds.withLock { $0.append(seconds) } }
        #expect(try await center.capsule(Self.digest, under: nil) == [7])
        #expect(pauses.all == [pause, pause])
        let question = ReencryptionQuestion(grant: Self.digest, envelopes: [], nonce: [], signature: [])
        #expect(try await center.answer(question).delivery == [7])
        let crowd = PatientCenter(BusyCenter(1, Self.busy(wish))) { seconds in
            pauses.seconds.withLock { $0.append(seconds) }
        }
        #expect(try await crowd.envelopes([Self.digest], under: Self.digest) == [[7]])
        #expect(pauses.all == [pause, pause, pause])
    }

    @Test("Nobody waits for ever, nor for other refusals")
    func bounded() async throws {
        let pauses = Pauses()
        let failure = Self.busy(3_600)
        let center = PatientCenter(BusyCenter(1_000, failure)) { seconds in
            pauses.seconds.withLock { $0.append(seconds) }
        }
        await #expect(throws: failure) { _ = try await center.envelope(Self.digest, under: nil) }
        #expect(pauses.all == [30, 30, 30, 30])
        let refusal = UplinkFailure.refused(status: 403, code: "grant-revoked", detail: "", retryAfterSeconds: 1)
        let refusing = PatientCenter(BusyCenter(1, refusal)) { seconds in
            pauses.seconds.withLock { $0.append(seconds) }
        }
        await #expect(throws: refusal) { _ = try await refusing.certificate(Self.digest) }
        #expect(pauses.all.count == 4)
    }

    @Test("Who is cancelled while waiting gets the center's failure")
    func cancelled() async throws {
        let failure = Self.busy(1)
        let center = PatientCenter(BusyCenter(1, failure)) { _ in throw CancellationError() }
        await #expect(throws: failure) { try await center.putCertificate([], digest: Self.digest) }
    }

    @Test("A capsule is fetched by one, for all who need it")
    func once() async throws {
        let shelf = CapsuleShelf()
        #expect(try await shelf.capsule(Self.digest) == nil)
        async let second = shelf.capsule(Self.digest)
        shelf.finish(Self.digest, with: EpochCapsule(bytes: [1]))
        let found = try await second
        #expect(found?.bytes == [1])
        let again = try await shelf.capsule(Self.digest)
        #expect(again?.bytes == [1])
    }

    @Test("When fetching a capsule failed the next one tries")
    func next() async throws {
        let shelf = CapsuleShelf()
        #expect(try await shelf.capsule(Self.digest) == nil)
        async let second = shelf.capsule(Self.digest)
        shelf.finish(Self.digest, with: nil)
        let found = try await second
        #expect(found == nil)
        shelf.finish(Self.digest, with: nil)
        #expect(try await shelf.capsule(Self.digest) == nil)
    }
}
