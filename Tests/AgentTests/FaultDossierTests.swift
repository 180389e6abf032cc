import Authority
import CanonicalBytes
import Certificates
import Credentials
import Foundation
import Merkle
import Receipts
import Records
import Spool
import Testing

@testable import Agent

@Suite("Evidence against a privacy center, to hand on", .timeLimit(.minutes(10)))
struct FaultDossierTests {
    private let site: UplinkSite
    private let spool: Spool
    private let h1 = Digest.sha256(of: Array("envelope".utf8))

    init() throws {
        self.site = try UplinkSite()
        self.spool = try AgentStore(configuration: try self.site.configuration()).spool
    }

    /// A receipt, and a later head of a tree that no longer reaches its leaf.
    private func droppedLeaf() throws -> PrivacyCenterFault {
        let signer = try CenterSigner(
            certificate: self.site.centerIdentity.certificate,
            key: self.site.centerIdentity.key
        )
        let leaf = MerkleHash.leaf(self.h1.bytes + UInt64(1_000).bigEndianBytes)
        let claim = EnvelopeClaim(
            h1: self.h1,
            receivedMilliseconds: 1_000,
            leafIndex: 0,
            tree: TreeClaim(size: 1, root: leaf)
        )
        let receipt = try Receipt.sign(claim, auditPath: [], by: signer)
        let head = try SignedTreeHead.sign(
            TreeClaim(size: 0, root: MerkleHash.emptyRoot),
            timeMilliseconds: 1_001 + PrivacyCenterFault.settlingMillisecondsMax,
            by: signer
        )
        return try #require(PrivacyCenterFault(.receipt(receipt), .head(head)))
    }

    private func dossier() throws -> FaultDossier {
        let fault = try self.droppedLeaf()
        let certificate = self.site.centerIdentity.certificate
        try self.spool.storeCertificate(certificate.bytes, digest: certificate.digest)
        try self.spool.storeFault(fault.bytes, kind: fault.kindName, ofCenter: UplinkSite.centerName)
        let stored = try #require(try self.spool.faults().first)
        return try FaultDossier(stored, from: self.spool)
    }

    @Test("what is exported names center, kind and envelope, and verifies with the authority's key alone")
    func roundTrip() throws {
        let dossier = try self.dossier()
        #expect(dossier.center == UplinkSite.centerName)
        #expect(dossier.kind == "dropped-leaf")
        #expect(dossier.envelopes == [self.h1.bytes.hex])
        let read = try FaultDossier(line: try dossier.line())
        #expect(read == dossier)
        #expect(try read.verify(issuer: self.site.authority.issuer).contains("no longer reaches leaf 0"))
    }

    @Test("evidence that was touched, is another center's, or lacks its certificate proves nothing")
    func refusals() throws {
        let line = String(decoding: try self.dossier().line(), as: UTF8.self)
        let issuer = self.site.authority.issuer
        func code(_ text: String) throws -> ProtocolFailure.Code? {
            let dossier = try FaultDossier(line: Array(text.utf8))
            return #expect(throws: ProtocolFailure.self) { try dossier.verify(issuer: issuer) }?.code
        }
        #expect(try code(line.replacing(UplinkSite.centerName, with: "cloud:privacy-center:two")) == .context)
        #expect(try code(line.replacing("dropped-leaf", with: "shrunk-tree")) == .context)
        #expect(try code(line.replacing(self.h1.bytes.hex, with: String(repeating: "0", count: 64))) == .context)
        let certificate = Data(self.site.centerIdentity.certificate.bytes).base64EncodedString()
        #expect(try code(line.replacing("[\"\(certificate)\"]", with: "[]")) == .context)
        var evidence = [UInt8](try FaultDossier(line: Array(line.utf8)).evidence)
        let before = Data(evidence).base64EncodedString()
        evidence[evidence.count - 1] ^= 1
        #expect(try code(line.replacing(before, with: Data(evidence).base64EncodedString())) == .signature)
        let stranger = try UplinkSite().authority.issuer
        let dossier = try FaultDossier(line: Array(line.utf8))
        #expect(throws: ProtocolFailure.self) { try dossier.verify(issuer: stranger) }
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: self.bigEndian) { Array($0) } }
}
