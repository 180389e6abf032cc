import CanonicalBytes
import Consensus
import Contracts
import Credentials
import IBTP
import Ledger
import PathProofs
import Records
import TestIslands
import Testing
import ThresholdSignatures

@testable import Attesting

@Suite("What a verification node signs") struct DeskTests {
    private let scene: DeskScene

    init() throws { self.scene = try DeskScene() }

    @Test("a hop that its chain has certified, with a signature that counts for its seat")
    func right() async throws {
        let question = try self.scene.draft(self.scene.message()).question()
        var signatures: [[UInt8]] = []
        for number in 0..<3 {
            let desk = try self.scene.desk(number)
            signatures.append(try await desk.sign(question.bytes))
            try self.scene.nodes.nodes[number].signer.publicKey.verify(
                signatures[number],
                of: question.record.signedBytes(of: question.path.message)
            )
            #expect(try await desk.ledger.count() == 1)
        }
        #expect(Set(signatures).count == 3)
        // What they sign is what the relay chain demands.
        let hop = try self.scene.certified(question)
        let lists = [ListReign(list: try self.scene.nodes.list(), firstHeight: 5)]
        let verifier = PathVerifier(
            chain: "hub",
            place: .transit,
            now: DeskScene.now,
            lists: { chain, epoch in lists.first { $0.list.chain == chain && $0.list.epoch == epoch } },
            isKnown: { _ in false }
        )
        let path = try PathProof(message: question.path.message, hops: [hop])
        _ = try verifier.verify(path, payloadHash: try self.scene.message().hash.bytes)
        await self.scene.close()
    }

    @Test("every cut of a question is refused, and what is read of a changed one is written again as it came")
    func damaged() async throws {
        let question = try self.scene.draft(self.scene.message()).question()
        let whole = question.bytes
        #expect(try HopQuestion(bytes: whole).about(question.path).bytes == whole)
        for end in 0..<whole.count {
            #expect(throws: ProtocolFailure.self) { try HopQuestion(bytes: Array(whole.prefix(end))) }
        }
        #expect(throws: ProtocolFailure.self) { try HopQuestion(bytes: whole + [0]) }
        var read = 0
        for place in whole.indices {
            var changed = whole
            changed[place] ^= 1 << UInt8(place % 8)
            guard let other = try? HopQuestion(bytes: changed) else { continue }
            read += 1
            let again = try other.about(other.path).bytes
            #expect(again == changed, "byte \(place)")
        }
        // Digests and counters may be any.
        #expect(read > 100 && read < whole.count)
        await self.scene.close()
    }

    @Test("every cut of a node's card is refused, and its names have 1 to 64 bytes")
    func card() async throws {
        let card = NodeCard(chain: "north", node: "north.v1", key: [UInt8](repeating: 7, count: 48))
        #expect(try NodeCard(bytes: card.bytes) == card)
        for end in 0..<card.bytes.count {
            #expect(throws: ProtocolFailure.self) { try NodeCard(bytes: Array(card.bytes.prefix(end))) }
        }
        for (chain, node) in [("", "n"), ("c", ""), (String(repeating: "c", count: 65), "n")] {
            let other = NodeCard(chain: chain, node: node, key: card.key)
            let failure = #expect(throws: ProtocolFailure.self) { try NodeCard(bytes: other.bytes) }
            #expect(failure?.code == .format)
        }
        await self.scene.close()
    }

    @Test("a node of the relay chain signs the second hop after a first that holds")
    func second() async throws {
        let message = try self.scene.message()
        let first = try self.scene.certified(try self.scene.draft(message).question())
        let question = try self.scene.relayDraft(message, after: first).question()
        let signature = try await self.scene.desk(isRelay: true).sign(question.bytes)
        try self.scene.hubNodes.nodes[0].signer.publicKey.verify(
            signature,
            of: question.record.signedBytes(of: question.path.message)
        )
        await self.scene.close()
    }

    @Test("the list of a hop is that of the relay chain that it leads to, whatever becomes of the others")
    func registries() async throws {
        let question = try self.scene.draft(self.scene.message()).question()
        var desk = try self.scene.desk()
        // The hub's registry beside that of another one, which is silent.
        let silent = RegisteredLists()
        silent.fall()
        desk.furtherLists = ["port": silent]
        _ = try await desk.sign(question.bytes)
        desk.furtherLists = ["hub": RegisteredLists()]
        var refusal = ""
        do { _ = try await desk.sign(question.bytes) } catch { refusal = "\(error)" }
        #expect(refusal.hasPrefix("another-list: "))
        await self.scene.close()
    }

    /// A question that one thing is wrong with, and the word for it.
    struct Fault: CustomTestStringConvertible, Sendable {
        let name: String
        let reason: AttestRefusal.Reason
        let change: @Sendable (inout DeskScene.Draft, DeskScene) throws -> Void

        init(
            _ name: String,
            _ reason: AttestRefusal.Reason,
            _ change: @escaping @Sendable (inout DeskScene.Draft, DeskScene) throws -> Void
        ) { (self.name, self.reason, self.change) = (name, reason, change) }

        var testDescription: String { self.name }
    }

    static let faults: [Fault] = [
        Fault("a hop on another chain", .anotherChain) { draft, _ in draft.chain = "charlie" },
        Fault("a block that too few validators certified", .notProven) { draft, scene in
            draft.proof = try scene.alpha.proof(of: draft.proof.leaf, signers: Array(scene.hub.signers))
        },
        Fault("a block of the other channel", .notProven) { draft, scene in
            draft.proof = try scene.alpha.proof(of: draft.proof.leaf, channel: .index)
        },
        Fault("a block of another chain", .notProven) { draft, scene in
            draft.proof = try scene.hub.proof(of: draft.proof.leaf)
        },
        Fault("a path of another message", .anotherMessage) { draft, scene in
            draft.message = try scene.path(scene.message(index: 2))
        },
        Fault("a leaf that hands on no message", .anotherMessage) { draft, scene in
            let notice = ExchangeNotice(
                side: .source,
                status: .beginFailure,
                id: try scene.message().id,
                requestHash: [UInt8](repeating: 7, count: 32),
                message: nil
            )
            draft.proof = try scene.alpha.proof(of: OutboundLeaf.notice(notice).bytes)
        },
        Fault("a leaf of the tree of timeouts", .anotherMessage) { draft, scene in
            draft.proof = try scene.alpha.proof(of: draft.proof.leaf, tree: .timeout)
        },
        Fault("another next chain than the leaf's", .anotherMessage) { draft, _ in draft.next = "hub2" },
        Fault("a verdict that the chain did not pass", .anotherMessage) { draft, _ in draft.verdict = .refused },
        Fault("an anchor in another block", .anotherMessage) { draft, scene in
            draft.anchor = HopRecord.Anchor(try scene.alpha.proof(of: draft.proof.leaf, at: 11))
        },
        Fault("a list that nobody registered", .anotherList) { draft, _ in draft.epoch = 3 },
        Fault("another list's root", .anotherList) { draft, scene in draft.root = try scene.hubNodes.list().root },
        Fault("another list's committee", .anotherList) { draft, scene in
            draft.committee = try scene.hubNodes.list().committee.digest
        },
        Fault("a height before the list's first", .anotherList) { draft, scene in
            draft.proof = try scene.alpha.proof(of: draft.proof.leaf, at: 4)
        },
        Fault("a hop whose time is over", .expired) { draft, _ in draft.expiry = DeskScene.now - 1 },
        Fault("a message whose time is over", .expired) { draft, scene in
            let message = try scene.message(end: DeskScene.now - 1)
            draft = try scene.draft(message)
            draft.expiry = DeskScene.now
        },
        Fault("a hop that is good for too long", .expiresTooLate) { draft, scene in
            draft = try scene.draft(scene.message(end: DeskScene.now + 10 * DeskScene.expiryMax))
            draft.expiry = DeskScene.now + DeskScene.expiryMax + 1
        },
        Fault("a hop that outlives its message", .expiresTooLate) { draft, _ in draft.expiry = DeskScene.now + 601 },
        Fault("a first hop in second place", .badPath) { draft, _ in draft.index = 1 },
        Fault("a hop that continues something else", .badPath) { draft, _ in
            draft.start = [UInt8](repeating: 3, count: 32)
        },
        Fault("a committee that nobody can show", .chainUnavailable) { draft, scene in
            draft.proof = try scene.alpha.proof(of: draft.proof.leaf, epoch: 1)
        },
        Fault("lists that nobody can show", .chainUnavailable) { _, scene in scene.lists.fall() },
    ]

    @Test("nothing else, and it says why", arguments: faults)
    func refused(_ fault: Fault) async throws {
        var draft = try self.scene.draft(self.scene.message())
        try fault.change(&draft, self.scene)
        let desk = try self.scene.desk()
        #expect(try await desk.refusal(of: draft.question()) == fault.reason)
        #expect(try await desk.ledger.count() == 0)
        await self.scene.close()
    }

    @Test("not with a key that has no seat, and not for the other kind of chain")
    func seats() async throws {
        let question = try self.scene.draft(self.scene.message()).question()
        let stranger = try self.scene.desk(signer: self.scene.hubNodes.nodes[0].signer)
        #expect(try await stranger.refusal(of: question) == .notANode)
        let message = try self.scene.message()
        let first = try self.scene.certified(question)
        var draft = try self.scene.relayDraft(message, after: first)
        draft.chain = "alpha"
        draft.proof = try self.scene.alpha.proof(of: draft.proof.leaf)
        #expect(try await self.scene.desk().refusal(of: draft.question()) == .anotherChain)
        await self.scene.close()
    }

    @Test("no second hop after a first that does not hold")
    func badPaths() async throws {
        let message = try self.scene.message()
        let desk = try self.scene.desk(isRelay: true)
        let question = try self.scene.draft(message).question()
        let short = try self.scene.certified(question, by: [[0], []])
        #expect(try await desk.refusal(of: self.scene.relayDraft(message, after: short).question()) == .badPath)
        var late = try self.scene.draft(message)
        late.expiry = DeskScene.now - 1
        let expired = try self.scene.certified(late.question())
        #expect(try await desk.refusal(of: self.scene.relayDraft(message, after: expired).question()) == .badPath)
        let other = try self.scene.certified(self.scene.draft(self.scene.message(index: 2)).question())
        #expect(try await desk.refusal(of: self.scene.relayDraft(message, after: other).question()) == .badPath)
        // Bytes that are no question are refused by the specification's own words.
        await #expect(throws: AttestRefusal.self) { _ = try await desk.sign(Array(question.bytes.dropLast())) }
        await self.scene.close()
    }
}
