import CanonicalBytes
import Certificates
import Credentials
import DeviceProfiles
import Foundation
import Ledger
import Testing

@testable import Agent
@testable import Spool

@Suite("Share requests as they arrive", .timeLimit(.minutes(10)))
struct ShareIntakeTests {
    private static func refusal(_ bytes: [UInt8], _ sharing: ShareSite) -> String? {
        do throws(ShareRefusal) {
            _ = try sharing.intake().check(bytes, from: .http, now: sharing.wall)
            return nil
        } catch { return error.code }
    }

    @Test("a signed request is taken with what the outbox must know of it")
    func taken() throws {
        let sharing = try ShareSite()
        let transaction = try sharing.transaction(1)
        let request = try sharing.intake().check(transaction.bytes, from: .mqtt, now: sharing.wall)
        #expect(request.id == transaction.id && request.bytes == transaction.bytes && request.channel == 1)
        #expect(request.method == "access.request" && request.source == .mqtt)
        #expect(request.validUntil == sharing.wall + 600_000)
    }

    @Test(
        "exactly the methods of sharing are taken, each on its channel",
        arguments: [
            ("access", "request", Channel.access, nil), ("zk", "request", .access, nil),
            ("access", "accept", .access, nil), ("access", "emergency", .access, nil),
            ("access", "consent-set", .access, nil), ("access", "consent-withdraw", .access, nil),
            ("access", "offer", .access, nil), ("access", "offer-withdraw", .access, nil),
            ("sharing", "deliver-ack", .index, nil), ("access", "request", .index, "wrong-channel"),
            ("sharing", "deliver-ack", .access, "wrong-channel"), ("access", "permit", .access, "method-not-allowed"),
            ("registry", "register", .access, "method-not-allowed"), ("index", "anchor", .index, "method-not-allowed"),
            ("access", "request2", .access, "method-not-allowed"),
        ] as [(String, String, Channel, String?)]
    )
    func methods(contract: String, method: String, channel: Channel, refusal: String?) throws {
        let sharing = try ShareSite()
        let body = sharing.body(channel: channel, contract: contract, method: method)
        #expect(try Self.refusal(sharing.sign(body).bytes, sharing) == refusal)
    }

    @Test("what cannot succeed is refused with its reason")
    func refusals() throws {
        let sharing = try ShareSite()
        let bytes = try sharing.transaction(1).bytes
        func refusal(_ bytes: [UInt8]) -> String? { Self.refusal(bytes, sharing) }
        #expect(refusal([]) == "malformed")
        #expect(refusal(Array("nonsense".utf8)) == "malformed")
        #expect(refusal(bytes.dropLast()) == "malformed")
        #expect(refusal(bytes + [0]) == "malformed")
        #expect(refusal([UInt8](repeating: 0, count: 262_145)) == "too-long")
        #expect(try refusal(sharing.sign(sharing.body(chain: "other")).bytes) == "another-chain")
        #expect(try refusal(sharing.sign(sharing.body(lifetime: -1)).bytes) == "expired")
        #expect(try refusal(sharing.sign(sharing.body(lifetime: 604_800_001)).bytes) == "valid-until-too-far-ahead")
        #expect(refusal(Transaction(sharing.body(), authorization: .none).bytes) == "not-signed")
        // One bit of the signature, which stands at the end.
        var damaged = bytes
        damaged[damaged.count - 1] ^= 1
        #expect(refusal(damaged) == "signature-does-not-hold")
        // The body of one under the signature of another.
        let other = try sharing.transaction(2)
        #expect(
            refusal(Transaction(sharing.body(), authorization: other.authorization).bytes) == "signature-does-not-hold"
        )
        #expect(refusal(Transaction(sharing.body(), authorization: .pseudonym([1, 2, 3])).bytes) == "malformed")
    }

    @Test(
        "a certificate that is over is refused; one of an issuer that the genesis does not know is the chain's affair"
    )
    func certificates() throws {
        var sharing = try ShareSite()
        let bytes = try sharing.transaction(1, lifetime: 120 * 86_400_000).bytes
        sharing.wall += 119 * 86_400_000
        #expect(Self.refusal(bytes, sharing) == "certificate-not-valid-now")
        let (here, elsewhere) = (try ShareSite(), try ShareSite())
        let fields = elsewhere.researcher.certificate
        let renamed = try ImplicitCertificate(
            CertificateFields(
                issuer: "elsewhere",
                serial: fields.fields.serial,
                subject: fields.fields.subject,
                notBefore: fields.fields.notBefore,
                notAfter: fields.fields.notAfter,
                usage: fields.fields.usage,
                attributes: fields.fields.attributes
            ),
            reconstructionPoint: fields.reconstructionPoint
        )
        let unknown = Transaction(
            here.body(),
            authorization: .identity(certificate: renamed.bytes, signature: [UInt8](repeating: 1, count: 64))
        )
        #expect(Self.refusal(unknown.bytes, here) == nil)
    }

    @Test(
        "by MQTT: good ones are in the outbox once, bad ones are dead letters with their reason, and all are accounted"
    )
    func messages() throws {
        let sharing = try ShareSite()
        let (first, second) = (try sharing.transaction(1), try sharing.transaction(2))
        try sharing.ingest([first.bytes, [1, 2, 3], second.bytes, first.bytes])
        try sharing.ingest([second.bytes])
        #expect(try sharing.spool.shareRequests(max: 9).map(\.id) == [first.id, second.id])
        #expect(try sharing.spool.shareRequests(max: 9).allSatisfy { $0.source == .mqtt && $0.state == .queued })
        let letters = try sharing.spool.deadLetters()
        #expect(letters.map(\.letter.reasonCode) == ["share-malformed"])
        #expect(letters.map(\.letter.topic) == [ShareIntake.topic])
        let counts = try sharing.store.statistics().messages
        #expect(counts.received == 5 && counts.shareRequests == 2 && counts.duplicate == 2 && counts.deadLettered == 1)
        #expect(counts.received == counts.accounted)
    }

    @Test("a device profile that reads every topic does not get them, also where none are taken")
    func profiles() throws {
        let sharing = try ShareSite()
        let greedy = thermometer().replacingOccurrences(
            of: "ward/{ward}/bed/{bed}/thermometer/{serial}",
            with: "{ward}/{bed}/{serial}"
        )
        try sharing.site.site.write(profile: greedy)
        #expect(sharing.site.site.library.profiles.count == 1)
        let transaction = try sharing.transaction(1)
        try sharing.ingest([transaction.bytes], intake: false)
        #expect(try sharing.spool.deadLetters().map(\.letter.reasonCode) == ["share-not-configured"])
        #expect(try sharing.spool.shareRequests(max: 9).isEmpty)
        try sharing.ingest([transaction.bytes])
        #expect(try sharing.spool.shareRequests(max: 9).map(\.id) == [transaction.id])
    }

    @Test("when the outbox is full messages become dead letters, which a replay brings in when there is room")
    func full() async throws {
        let sharing = try ShareSite(requestsMax: 2)
        let transactions = try (1...3).map { try sharing.transaction($0) }
        try sharing.ingest(transactions.map(\.bytes))
        #expect(try sharing.spool.shareRequests(max: 9).map(\.id) == transactions.prefix(2).map(\.id))
        let letters = try sharing.spool.deadLetters()
        #expect(letters.map(\.letter.reasonCode) == ["share-outbox-full"])
        let counts = try sharing.store.statistics().messages
        #expect(counts.shareRequests == 2 && counts.deadLettered == 1 && counts.received == counts.accounted)
        #expect(throws: StoreRefusal.self) { try DeadLetterReplay(configuration: sharing.agent).run(letters) }
        #expect(try sharing.store.statistics().deadLettersOpen == 1, "nothing is lost by trying too early")
        var desk = sharing.desk()
        try await sharing.round(&desk)
        let summary = try DeadLetterReplay(configuration: sharing.agent).run(letters)
        #expect(summary == DeadLetterReplay.Summary(tried: 1, resolved: 1))
        #expect(try sharing.store.statistics().deadLettersOpen == 0)
        try await sharing.round(&desk)
        #expect(try transactions.allSatisfy { try sharing.state($0.id) == .committed })
    }
}
