import CanonicalBytes
import Contracts
import IBTP
import Ledger
import PathProofs
import TestIslands
import Testing

@testable import Attesting

@Suite("A verification node never says two things") struct ContradictionTests {
    private let scene: DeskScene

    init() throws { self.scene = try DeskScene() }

    @Test("of one message, also not when its chain has split, nor after a restart")
    func contradiction() async throws {
        let folder = self.scene.folder.fresh("node")
        let first = try self.scene.draft(self.scene.message()).question()
        let other = try self.scene.draft(self.scene.message(payload: [4]), at: 11).question()
        var desk = try self.scene.desk(directory: folder)
        let signature = try await desk.sign(first.bytes)
        #expect(try await desk.refusal(of: other) == .contradiction)
        desk = try self.scene.desk(directory: folder)
        #expect(try await desk.refusal(of: other) == .contradiction)
        #expect(try await desk.sign(first.bytes) == signature)
        #expect(try await desk.ledger.count() == 1)
        await self.scene.close()
    }

    @Test("of one height, also not after a restart")
    func split() async throws {
        let folder = self.scene.folder.fresh("node")
        let first = try self.scene.draft(self.scene.message()).question()
        let other = try self.scene.draft(self.scene.message(index: 2)).question()
        #expect(first.proof.header.hash != other.proof.header.hash)
        var desk = try self.scene.desk(directory: folder)
        _ = try await desk.sign(first.bytes)
        #expect(try await desk.refusal(of: other) == .chainSplit)
        desk = try self.scene.desk(directory: folder)
        #expect(try await desk.refusal(of: other) == .chainSplit)
        await self.scene.close()
    }

    @Test("the same is signed again: for another time, for another gateway, in a newer block")
    func again() async throws {
        let desk = try self.scene.desk()
        let message = try self.scene.message()
        var draft = try self.scene.draft(message)
        _ = try await desk.sign(draft.question().bytes)
        draft.expiry += 60
        _ = try await desk.sign(draft.question().bytes)
        _ = try await desk.sign(self.scene.draft(message, at: 12).question().bytes)
        #expect(try await desk.ledger.count() == 1)
        await self.scene.close()
    }

    @Test("an exchange has a request and an answer, and each is signed")
    func types() async throws {
        let desk = try self.scene.desk()
        let request = InterchainMessage(
            from: "hub:bravo:share",
            to: "hub:alpha:share",
            index: 1,
            type: .receiptSuccess,
            payload: DeskScene.payload([1])
        )
        func draft(_ message: InterchainMessage, at height: UInt64) throws -> DeskScene.Draft {
            var draft = try self.scene.draft(self.scene.message())
            draft.message = try PathMessage(of: message, try message.id, from: "alpha", to: "bravo")
            draft.proof = try self.scene.alpha.proof(of: OutboundLeaf.message(message).bytes, at: height)
            return draft
        }
        var failure = request
        failure.type = .receiptFailure
        _ = try await desk.sign(draft(request, at: 10).question().bytes)
        // A service that had succeeded is undone, and says so.
        _ = try await desk.sign(draft(failure, at: 11).question().bytes)
        var lie = failure
        lie.payload = DeskScene.payload([2])
        #expect(try await desk.refusal(of: draft(lie, at: 12).question()) == .contradiction)
        await self.scene.close()
    }
}
