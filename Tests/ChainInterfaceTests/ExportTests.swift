import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Foundation
import Ledger
import P256Group
import TestIdentities
import Testing

@testable import ChainInterface

/// A chain with a handful of blocks, and files of it.
private final class ExportSite {
    let folder: String
    let authority = CertificateAuthority(name: "export-ca", key: .generate())
    let signers: [Ed25519Signer]
    let genesis: Genesis
    private(set) var ledger: TestLedger
    private let certificate: ImplicitCertificate
    private let key: P256KeyPair
    static let scheme = Ed25519Scheme()
    static let logic = ConsortiumContracts(scheme: scheme)

    init(blocks: Int = 4) throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.signers = try (1...5).map { number in
            let seed = [UInt8](repeating: UInt8(number), count: 32)
            return try #require(Ed25519Signer(votingSeed: seed, shareSeed: seed.map { $0 ^ 0xff }))
        }
        let governor = try #require(PartyName("clinic:operator:governor"))
        self.genesis = try TestSite.genesis(self.signers, self.authority.issuer, governor: governor)
        self.ledger = try TestLedger(.access, self.genesis, self.signers)
        let key = P256KeyPair.generate()
        let now = TestBackend.now / 1_000
        let fields = CertificateFields(
            issuer: "export-ca",
            serial: 1,
            subject: governor.description,
            notBefore: now - 1_000,
            notAfter: now + 1_000,
            usage: [.sign],
            attributes: []
        )
        let issued = try self.authority.issue(CertificateRequest(key, subject: governor.description), fields: fields)
        self.certificate = issued.certificate
        self.key = try issued.keyPair(for: key, from: self.authority.issuer)
        // The committee changes on the way, so that the later certificates are another one's.
        for number in 1...blocks { try self.grow(UInt64(number)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private func grow(_ number: UInt64) throws {
        let proposal = Propose(expires: TestBackend.now + 1_000_000, change: try self.change())
        let first = try self.transaction(proposal, nonce: 2 * number)
        let last = self.ledger.blocks.first?.block.transactions.first?.id
        let second =
            number == 2 && last != nil
            ? try self.transaction(Approve(proposal: last ?? []), nonce: 2 * number + 1)
            : try self.transaction(Approve(proposal: [UInt8](repeating: 9, count: 32)), nonce: 2 * number + 1)
        let time = TestBackend.now - 50_000 + number
        let verified = try [first, second].map { try self.ledger.verify($0) }
        try #require(try self.ledger.commit(verified, time: time).isEmpty)
    }

    private func change() throws -> ProposedChange {
        guard self.ledger.blocks.isEmpty else { return .parameter(name: "epoch.seconds", value: 86_400) }
        let members = [1, 2, 3, 5].map { self.signers[$0 - 1].member(ReplicaID(UInt16($0))) }
        let names = self.genesis.validators.dropLast().map(\.name) + [try #require(PartyName("clinic:validator:v5"))]
        return .committee(try #require(Committee(epoch: 1, members: members)), names: names)
    }

    private func transaction(_ arguments: some MethodArguments, nonce: UInt64) throws -> Transaction {
        let body = arguments.body(
            chain: Array(self.genesis.chain.utf8),
            channel: .access,
            signer: self.certificate.digest,
            nonce: nonce,
            validUntil: TestBackend.now + 60_000
        )
        return try Transaction(signing: body, certificate: self.certificate, key: self.key)
    }

    var header: ExportHeader { ExportHeader(genesis: self.genesis, channel: .access) }

    func writer(_ name: String, _ header: ExportHeader? = nil) throws -> ExportWriter {
        try ExportWriter(
            "\(self.folder)/\(name)",
            header: header ?? self.header,
            logic: Self.logic,
            scheme: Self.scheme
        )
    }

    func append(_ height: Int, to writer: ExportWriter) throws {
        let block = self.ledger.blocks[height - 1]
        try writer.append(block.payload, block.certificate.bytes)
    }

    /// The whole export's bytes.
    func exported() throws -> [UInt8] {
        let name = "whole-\(UUID())"
        let writer = try self.writer(name)
        for height in 1...self.ledger.blocks.count { try self.append(height, to: writer) }
        try writer.finish()
        return try self.bytes(name)
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(self.folder)/\(name)")))
    }

    func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(self.folder)/\(name)"))
    }

    /// Audits a file of these bytes.
    func audit(_ bytes: [UInt8], genesis: Genesis? = nil) throws(ExportFailure) -> ExportReport {
        let name = "audit-\(UUID())"
        do { try self.put(bytes, name) } catch { throw ExportFailure("\(error)") }
        let reader = try ExportReader("\(self.folder)/\(name)")
        var audit = try ExportAudit(reader, genesis: genesis, logic: Self.logic, scheme: Self.scheme)
        while try audit.step() {}
        return audit.report
    }

    /// A file of blocks as given.
    func file(_ blocks: [ServedBlock]) -> [UInt8] {
        self.header.bytes + blocks.flatMap { Self.pair($0.payload, $0.certificate.bytes) }
    }

    static func pair(_ payload: [UInt8], _ certificate: [UInt8]) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.lengthPrefixed(payload)
        writer.lengthPrefixed(certificate)
        return writer.bytes
    }
}

@Suite struct ExportTests {
    @Test("An export is verified from the genesis on, over a change of the committee")
    func roundTrip() throws {
        let site = try ExportSite()
        let report = try site.audit(try site.exported(), genesis: site.genesis)
        #expect(report.progress.height == 4 && report.progress.transactions == 8)
        #expect(report.progress.rejected == 3 && report.progress.committees == 2)
        #expect(report.stateRoot == site.ledger.blocks[3].block.header.stateRoot)
        #expect(report.tip == site.ledger.blocks[3].block.header.hash)
        #expect(report.genesis == site.genesis.digest && report.channel == .access)
    }

    @Test("An empty channel's export is the genesis alone")
    func empty() throws {
        let site = try ExportSite()
        #expect(try site.audit(site.header.bytes).progress.height == 0)
    }

    @Test(
        "An export that was interrupted anywhere goes on, and becomes the same file",
        arguments: [0, 3, 60, 900, 3_000]
    )
    func resume(_ cut: Int) throws {
        let site = try ExportSite()
        let whole = try site.exported()
        let beginning = Array(whole.prefix(max(0, whole.count - cut - 1)))
        try site.put(beginning, "cut.partial")
        let writer = try site.writer("cut")
        let first = Int(writer.height) + 1
        for height in first...4 { try site.append(height, to: writer) }
        #expect(!FileManager.default.fileExists(atPath: "\(site.folder)/cut"))
        try writer.finish()
        #expect(try site.bytes("cut") == whole)
        #expect(!FileManager.default.fileExists(atPath: "\(site.folder)/cut.partial"))
    }

    @Test("What a crash left of a header, or damage in the unfinished file, is written anew")
    func damagedPartial() throws {
        let site = try ExportSite()
        let whole = try site.exported()
        try site.put(Array(whole.prefix(10)), "short.partial")
        #expect(try site.writer("short").height == 0)
        var damaged = whole
        damaged[whole.count - 5] ^= 1
        try site.put(damaged, "damaged.partial")
        let writer = try site.writer("damaged")
        #expect(writer.height == 3)
        try site.append(4, to: writer)
        try writer.finish()
        #expect(try site.bytes("damaged") == whole)
    }

    @Test("A finished file is not overwritten, and another channel's unfinished one not continued")
    func others() throws {
        let site = try ExportSite()
        try site.put([], "there")
        #expect(throws: ExportFailure.self) { try site.writer("there") }
        _ = try site.writer("mine")
        let other = ExportHeader(genesis: site.genesis, channel: .index)
        let failure = #expect(throws: ExportFailure.self) { try site.writer("mine", other) }
        #expect(failure?.description.contains("another chain or channel") == true)
    }

    @Test("A lying validator's blocks do not get into the file")
    func lies() throws {
        let site = try ExportSite()
        let writer = try site.writer("honest")
        #expect(throws: ExportFailure.self) { try site.append(2, to: writer) }
        try site.append(1, to: writer)
        let (second, third) = (site.ledger.blocks[1], site.ledger.blocks[2])
        let failure = #expect(throws: ExportFailure.self) {
            try writer.append(second.payload, third.certificate.bytes)
        }
        #expect(failure?.height == 2)
        #expect(throws: ExportFailure.self) { try writer.append([1, 2, 3], second.certificate.bytes) }
        try site.append(2, to: writer)
        #expect(writer.height == 2)
    }

    @Test("Every changed byte is found, at the block that it is in")
    func flippedBytes() throws {
        let site = try ExportSite(blocks: 3)
        let whole = try site.exported()
        var ends = [site.header.bytes.count]
        for block in site.ledger.blocks {
            ends.append((ends.last ?? 0) + ExportSite.pair(block.payload, block.certificate.bytes).count)
        }
        for place in stride(from: 0, to: whole.count, by: 7) {
            var damaged = whole
            damaged[place] ^= 0x10
            let height = UInt64(ends.firstIndex { place < $0 } ?? 0)
            let failure = #expect(throws: ExportFailure.self, "byte \(place)") {
                try site.audit(damaged, genesis: site.genesis)
            }
            // A wrong length may make the reader take the rest for this block.
            #expect(height == 0 || failure?.height == height, "byte \(place): \(failure?.description ?? "")")
        }
    }

    @Test("A file that ends within a block is no export; one that ends between blocks is a shorter chain")
    func truncated() throws {
        let site = try ExportSite(blocks: 2)
        let whole = try site.exported()
        let end = site.file([site.ledger.blocks[0]]).count
        for cut in [1, 2, 50, whole.count - end - 1] {
            let failure = #expect(throws: ExportFailure.self) { try site.audit(Array(whole.dropLast(cut))) }
            #expect(failure?.height == 2)
        }
        #expect(try site.audit(Array(whole.prefix(end))).progress.height == 1)
        #expect(throws: ExportFailure.self) { try site.audit(Array(whole.prefix(20))) }
        #expect(throws: ExportFailure.self) { try site.audit([]) }
        #expect(throws: ExportFailure.self) { try site.audit(whole + [0]) }
    }

    @Test("Blocks left out, repeated or swapped are found")
    func order() throws {
        let site = try ExportSite()
        let blocks = site.ledger.blocks
        let cases: [([ServedBlock], Height)] = [
            (Array(blocks.dropFirst()), 1), ([blocks[0], blocks[2]], 2), ([blocks[0], blocks[0]], 2),
            ([blocks[0], blocks[1], blocks[3], blocks[2]], 3),
        ]
        for (list, height) in cases {
            let failure = #expect(throws: ExportFailure.self) { try site.audit(site.file(list)) }
            #expect(failure?.height == height)
        }
    }

    @Test("A file of another genesis than the trusted one is refused, also when it is consistent")
    func otherGenesis() throws {
        let (site, other) = (try ExportSite(blocks: 1), try ExportSite(blocks: 1))
        let failure = #expect(throws: ExportFailure.self) {
            try site.audit(try site.exported(), genesis: other.genesis)
        }
        #expect(failure?.description.contains("another genesis") == true)
    }

    @Test("A block that the committee certified but no contract would make is found by the audit alone")
    func wrongEffect() throws {
        let site = try ExportSite(blocks: 1)
        let good = site.ledger.blocks[0].block
        let header = BlockHeader(
            chain: good.header.chain,
            channel: .access,
            epoch: 0,
            height: 1,
            parent: good.header.parent,
            transactionRoot: good.header.transactionRoot,
            receiptRoot: good.header.receiptRoot,
            stateRoot: [UInt8](repeating: 3, count: 32),
            validatorsRoot: good.header.validatorsRoot,
            evidenceRoot: good.header.evidenceRoot,
            time: good.header.time
        )
        let block = LedgerBlock(header: header, transactions: good.transactions, nextCommittee: nil)
        let certificate = site.ledger.certify(header)
        let writer = try site.writer("forged")
        try writer.append(block.bytes, certificate.bytes)
        try writer.finish()
        let bytes = try site.bytes("forged")
        let failure = #expect(throws: ExportFailure.self) { try site.audit(bytes) }
        #expect(failure?.height == 1 && failure?.description.contains("roots") == true)
    }

    @Test("Lengths out of bounds are refused before anything is read for them")
    func lengths() throws {
        let site = try ExportSite(blocks: 1)
        let huge: [UInt8] = [0x7f, 0xff, 0xff, 0xff]
        let failure = #expect(throws: ExportFailure.self) { try site.audit(site.header.bytes + huge) }
        #expect(failure?.height == 1 && failure?.description.contains("bytes at byte") == true)
        #expect(throws: ExportFailure.self) { try site.audit(Array("WLCX".utf8) + huge) }
    }
}
