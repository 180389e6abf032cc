import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import Testing

@Suite struct TransactionTests {
    @Test func `a transaction survives its encoding and keeps its name`() throws {
        let chain = try TestChain()
        let transaction = try chain.party("clinic-1:gateway:g1").transaction("add", nonce: 7, arguments: [1, 2, 3])
        let read = try Transaction(bytes: transaction.bytes)
        #expect(read == transaction)
        #expect(read.id == transaction.id)
        let verified = try chain.verifier().verify(read)
        guard case .party(let name, _) = verified.caller else {
            Issue.record("not a party")
            return
        }
        #expect(name.description == "clinic-1:gateway:g1")
    }

    @Test func `no single changed byte leaves a transaction valid`() throws {
        let chain = try TestChain()
        let transaction = try chain.party("clinic-1:gateway:g1").transaction("add", nonce: 7)
        let verifier = chain.verifier()
        for place in transaction.bytes.indices {
            var bytes = transaction.bytes
            bytes[place] ^= 0x01
            #expect(throws: ProtocolFailure.self, "byte \(place)") {
                try verifier.verify(try Transaction(bytes: bytes))
            }
        }
    }

    @Test func `no shortened or lengthened transaction is read`() throws {
        let bytes = try TestChain().party("clinic-1:gateway:g1").transaction("add", nonce: 7).bytes
        for length in 0..<bytes.count {
            #expect(throws: ProtocolFailure.self) { try Transaction(bytes: Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try Transaction(bytes: bytes + [0]) }
    }

    @Test func `another chain, another issuer and another signer are refused`() throws {
        let chain = try TestChain()
        let other = try TestChain(seed: 9)
        let transaction = try chain.party("clinic-1:gateway:g1").transaction("add", nonce: 1)
        let elsewhere = TransactionVerifier(chain: Array("other".utf8), issuers: chain.genesis.issuers)
        #expect(throws: ProtocolFailure.self) { try elsewhere.verify(transaction) }
        #expect(throws: ProtocolFailure.self) { try other.verifier().verify(transaction) }
        let stranger = try chain.party("clinic-1:gateway:g2")
        #expect(throws: ProtocolFailure.self) {
            try Transaction(signing: transaction.body, certificate: stranger.certificate, key: stranger.key)
        }
    }

    @Test(
        arguments: [
            ([], 5, true), ([5], 5, false), ([5], 6, true), ([5, 9], 7, true), ([5, 9], 9, false), ([5], 1, true),
        ] as [([UInt64], UInt64, Bool)]
    )
    func `a nonce is used once`(_ used: [UInt64], _ nonce: UInt64, _ isFresh: Bool) throws {
        var window = try NonceWindow(bytes: nil)
        for earlier in used { _ = window.use(earlier) }
        let isTaken = window.use(nonce)
        #expect(isTaken == isFresh)
        let read = try NonceWindow(bytes: window.bytes)
        #expect(read.recent == window.recent)
    }

    @Test func `nonces older than the window are refused for ever`() throws {
        var window = try NonceWindow(bytes: nil)
        let first = (100..<UInt64(100 + NonceWindow.size)).map { window.use($0) }
        #expect(first.allSatisfy { $0 })
        let answers = [99, 1_000, 100].map { window.use($0) }
        #expect(answers == [false, true, false], "100 fell out of the window and must not come back")
        #expect(window.recent.count == NonceWindow.size)
    }
}
