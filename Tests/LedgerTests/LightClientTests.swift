import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import StateTree
import Testing

@Suite struct LightClientTests {
    let chain: TestChain
    let gateway: TestParty

    init() throws {
        self.chain = try TestChain()
        self.gateway = try self.chain.party("clinic-1:gateway:g1")
    }

    private func view(of chain: TestChain? = nil) -> CommitteeView {
        let chain = chain ?? self.chain
        return CommitteeView(genesis: chain.genesis, channel: .index, scheme: chain.scheme)
    }

    private func proof(of index: Int = 2, on chain: TestChain? = nil) throws -> TransactionProof {
        let chain = chain ?? self.chain
        let gateway = try chain.party("clinic-1:gateway:g2")
        let transactions = try (1...5).map { try gateway.transaction("add", nonce: $0) }
        let built = try #require(try TestLedger(chain).build(transactions).block)
        return try #require(
            TransactionProof(
                index,
                of: built.block,
                receipts: built.receipts,
                certificate: chain.certify(built.block.header)
            )
        )
    }

    @Test(arguments: 0..<5) func `every transaction of a block can be proven`(_ index: Int) throws {
        let proof = try self.proof(of: index)
        try proof.verify(by: self.view())
        let read = try TransactionProof(bytes: proof.bytes)
        try read.verify(by: self.view())
        #expect(read.transaction.body.nonce == UInt64(index + 1))
        #expect(read.receipt.code == 0)
    }

    @Test(arguments: CertificateKind.allCases, 0..<6)
    func `no byte of a proof and its certificate may have any other value`(
        _ kind: CertificateKind,
        _ part: Int
    ) throws {
        let chain = try TestChain(certificates: kind)
        let proof = try self.proof(on: chain)
        let bytes = proof.bytes
        #expect(proof.certificate.version == kind.version)
        try TransactionProof(bytes: bytes).verify(by: self.view(of: chain))
        let scheme = RememberingScheme(chain.scheme, proof.certificate, chain.genesis)
        let view = CommitteeView(genesis: chain.genesis, channel: .index, scheme: scheme)
        let signatures = try #require(bytes.firstRange(of: proof.certificate.proof))
        for place in stride(from: part, to: bytes.count, by: 6) {
            // Each try at a signature costs up to three verifications, or a pairing: every bit, none of them and all stand
            // for all values there.
            let few: [UInt8] = (0..<8).map { 1 << $0 } + [0xff, 0x55, 0x0f]
            let flips = signatures.contains(place) ? few : Array(1...UInt8.max)
            var changed = bytes
            var valid: [UInt8] = []
            for flip in flips {
                changed[place] = bytes[place] ^ flip
                if (try? TransactionProof(bytes: changed).verify(by: view)) != nil { valid.append(changed[place]) }
            }
            #expect(valid.isEmpty, "byte \(place) of \(bytes.count) may be \(valid) in place of \(bytes[place])")
        }
    }

    @Test func `no shortened or lengthened proof is read`() throws {
        let bytes = try self.proof().bytes
        for length in bytes.indices {
            #expect(throws: ProtocolFailure.self) { try TransactionProof(bytes: Array(bytes[..<length])) }
        }
        #expect(throws: ProtocolFailure.self) { try TransactionProof(bytes: bytes + [0]) }
    }

    @Test(arguments: CertificateKind.allCases)
    func `no bit of a certificate apart from its proof may be another`(_ kind: CertificateKind) throws {
        let chain = try TestChain(certificates: kind)
        let gateway = try chain.party("clinic-1:gateway:g2")
        let built = try #require(try TestLedger(chain).build([try gateway.transaction("add", nonce: 1)]).block)
        let view = self.view(of: chain)
        let bytes = chain.certify(built.block.header).bytes
        try view.check(built.block.header, QuorumCertificate(bytes: bytes))
        for place in bytes.indices {
            var changed = bytes
            for bit in 0..<8 {
                changed[place] = bytes[place] ^ 1 << UInt8(bit)
                #expect(throws: ProtocolFailure.self, "bit \(bit) of byte \(place)") {
                    try view.check(built.block.header, QuorumCertificate(bytes: changed))
                }
            }
        }
    }

    @Test func `a certificate of too few, of strangers or of two views is refused`() throws {
        let built = try #require(
            try TestLedger(self.chain).build([try self.gateway.transaction("add", nonce: 1)]).block
        )
        let header = built.block.header
        let view = self.view()
        try view.check(header, self.chain.certify(header))
        try view.check(header, self.chain.certify(header, by: [2, 3, 4], view: 9))
        #expect(throws: ProtocolFailure.self) { try view.check(header, self.chain.certify(header, by: [1, 2])) }
        let stranger = try TestChain(seed: 77)
        #expect(throws: ProtocolFailure.self) { try view.check(header, stranger.certify(header)) }
        let zero = self.chain.certify(header, by: [1, 2, 3], view: 0)
        let one = self.chain.certify(header, by: [1, 2, 3], view: 1)
        let mixed = QuorumCertificate(
            version: zero.version,
            epoch: 0,
            view: 0,
            height: 1,
            block: header.hash,
            signers: zero.signers,
            proof: Array(zero.proof[..<128]) + Array(one.proof[128...])
        )
        #expect(throws: ProtocolFailure.self) { try view.check(header, mixed) }
    }

    @Test(arguments: CertificateKind.allCases)
    func `presence and absence in the state can be proven, and nothing else`(_ kind: CertificateKind) throws {
        let chain = try TestChain(certificates: kind)
        let gateway = try chain.party("clinic-1:gateway:g2")
        var ledger = try TestLedger(chain)
        ledger.keep(try #require(try ledger.build([try gateway.transaction("add", nonce: 1)]).block))
        let certificate = chain.certify(ledger.header)
        let missing = StateKey.make("counter", "other")
        for (key, value) in [(CounterLogic.key, UInt64(1).bigEndianBytes), (missing, nil)] {
            let proof = ValueProof(
                header: ledger.header,
                certificate: certificate,
                key: key,
                value: value,
                path: try StateTree.prove(key, in: ledger.nodes)
            )
            let view = self.view(of: chain)
            try ValueProof(bytes: proof.bytes).verify(by: view)
            for place in proof.bytes.indices {
                var changed = proof.bytes
                changed[place] ^= 0x01
                // That some other key is absent too may well be true.
                guard let read = try? ValueProof(bytes: changed), read.key == key || value != nil else { continue }
                #expect(throws: ProtocolFailure.self, "byte \(place)") { try read.verify(by: view) }
            }
        }
    }

    @Test func `an audit follows the chain through a change of its committee and stops at the first lie`() throws {
        let next = try TestChain.committee(epoch: 1, of: self.chain.signers, [1, 2, 3, 5])
        let logic = CounterLogic(next: next)
        var ledger = try TestLedger(self.chain, logic: logic)
        var audit = try ChainAudit(
            genesis: self.chain.genesis,
            channel: .index,
            logic: logic,
            scheme: self.chain.scheme
        )
        for (nonce, method) in [(1, "add"), (2, "committee"), (3, "refuse"), (4, "add")] as [(UInt64, String)] {
            let built = try #require(try ledger.build([try self.gateway.transaction(method, nonce: nonce)]).block)
            let header = built.block.header
            ledger.keep(built)
            let old = self.chain.certify(header, by: header.epoch == 0 ? [1, 2, 3] : [1, 2, 4])
            let good = header.epoch == 0 ? old : self.certifyByFifth(header)
            if header.epoch == 1 {
                #expect(throws: ProtocolFailure.self, "the member who left") { try audit.append(built.payload, old) }
            }
            var damaged = built.payload
            damaged[damaged.count - 10] ^= 1
            #expect(throws: ProtocolFailure.self) { try audit.append(damaged, good) }
            try audit.append(built.payload, good)
            #expect(throws: ProtocolFailure.self, "the same block twice") { try audit.append(built.payload, good) }
        }
        let progress = audit.progress
        #expect(progress.height == 4)
        #expect(progress.transactions == 4)
        #expect(progress.rejected == 1)
        #expect(progress.committees == 2)
        #expect(audit.stateRoot == ledger.header.stateRoot)
    }

    /// Members 1, 2 and 5 of the second committee, where 5 has the fourth place.
    private func certifyByFifth(_ header: BlockHeader) -> QuorumCertificate {
        let message = self.chain.genesis.context(of: .index).commitMessage(
            epoch: 1,
            view: 0,
            height: header.height,
            block: header.hash
        )
        return QuorumCertificate(
            version: .ed25519MultiSignature,
            epoch: 1,
            view: 0,
            height: header.height,
            block: header.hash,
            signers: [0b1011],
            proof: [0, 1, 4].flatMap { self.chain.signers[$0].signShare(message) }
        )
    }

    @Test func `a genesis survives its encoding, and any changed byte is another chain or none`() throws {
        let bytes = self.chain.genesis.bytes
        #expect(try Genesis(bytes: bytes) == self.chain.genesis)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x01
            guard let other = try? Genesis(bytes: changed) else { continue }
            #expect(other.digest != self.chain.genesis.digest)
        }
    }
}

/// A scheme that knows one certificate, found right before, without checking it again: most bytes of a proof lie
/// outside of its certificate, and each try at one of them would cost three verifications or a pairing.
struct RememberingScheme: SignatureScheme {
    private let real: any SignatureScheme
    private let proof: [UInt8]
    private let message: [UInt8]
    private let members: [Member]

    init(_ real: any SignatureScheme, _ certificate: QuorumCertificate, _ genesis: Genesis) {
        self.real = real
        self.proof = certificate.proof
        self.message = genesis.context(of: .index).commitMessage(
            epoch: certificate.epoch,
            view: certificate.view,
            height: certificate.height,
            block: certificate.block
        )
        self.members = certificate.signers(in: genesis.committee) ?? []
    }

    var certificateVersion: CertificateVersion { self.real.certificateVersion }

    var checksSharesJointly: Bool { self.real.checksSharesJointly }

    func accepts(keysOf member: Member) -> Bool { self.real.accepts(keysOf: member) }

    func verify(_ signature: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        self.real.verify(signature, of: bytes, by: member)
    }

    func verifyShare(_ share: [UInt8], of bytes: [UInt8], by member: Member) -> Bool {
        self.real.verifyShare(share, of: bytes, by: member)
    }

    func combine(_ shares: [[UInt8]]) -> [UInt8] { self.real.combine(shares) }

    func verifyCertificate(_ proof: [UInt8], of bytes: [UInt8], by members: [Member]) -> Bool {
        proof == self.proof && bytes == self.message && members == self.members
            || self.real.verifyCertificate(proof, of: bytes, by: members)
    }
}
