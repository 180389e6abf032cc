import CanonicalBytes
import Certificates
import Merkle
import P256Group
import Receipts
import Records

/// A privacy center with a tree in memory.
struct TestCenter {
    let key: CenterKey
    let signer: CenterSigner
    private(set) var tree = TestTree()

    init(_ name: String = "cloud:privacy-center:one", role: String = "role:privacy-center") throws {
        let authority = CertificateAuthority(name: "Test CA", key: .generate())
        let request = P256KeyPair.generate()
        let issued = try authority.issue(
            CertificateRequest(request, subject: name),
            fields: CertificateFields(
                issuer: "Test CA",
                serial: 7,
                subject: name,
                notBefore: 1000,
                notAfter: 2000,
                usage: [.sign, .proxy],
                attributes: [role]
            )
        )
        let keys = try issued.keyPair(for: request, from: authority.issuer)
        self.signer = try CenterSigner(certificate: issued.certificate, key: keys)
        self.key = try CenterKey(issued.certificate, from: authority.issuer, at: 1500)
    }

    /// Stores an envelope and gives its receipt.
    mutating func store(_ text: String, at milliseconds: UInt64 = 1_500_000) throws -> Receipt {
        let h1 = Digest.sha256(of: Array(text.utf8))
        let index = UInt64(self.tree.leaves.count)
        self.tree.leaves.append(MerkleHash.leaf(h1.bytes + milliseconds.bigEndianBytes))
        return try self.receipt(h1, at: milliseconds, leafIndex: index)
    }

    func receipt(_ h1: Digest, at milliseconds: UInt64, leafIndex: UInt64) throws -> Receipt {
        let claim = EnvelopeClaim(
            h1: h1,
            receivedMilliseconds: milliseconds,
            leafIndex: leafIndex,
            tree: self.claim
        )
        return try Receipt.sign(claim, auditPath: self.tree.inclusion(of: leafIndex).path, by: self.signer)
    }

    func head(at milliseconds: UInt64) throws -> SignedTreeHead {
        try SignedTreeHead.sign(self.claim, timeMilliseconds: milliseconds, by: self.signer)
    }

    /// Takes a leaf out, as an operator with a database client does.
    mutating func forget(_ index: Int) { self.tree.leaves.remove(at: index) }

    private var claim: TreeClaim { TreeClaim(size: UInt64(self.tree.leaves.count), root: self.tree.root) }
}

/// Leaves in memory; every hash is computed anew.
struct TestTree: MerkleNodeSource {
    var leaves: [Digest] = []

    var root: Digest { self.root(ofSize: UInt64(self.leaves.count)) }

    func inclusion(of index: UInt64) throws -> InclusionProof {
        let proof = InclusionProof(leafIndex: index, treeSize: UInt64(self.leaves.count), from: self)
        guard let proof else { throw ProtocolFailure(.context, "no such leaf") }
        return proof
    }

    func hashes(of nodes: [MerkleNode]) -> [Digest] {
        nodes.map { node in
            let span = 1 << node.level
            let start = Int(node.position) * span
            return Self.hash(self.leaves[start..<start + span])
        }
    }

    private static func hash(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves[leaves.startIndex] }
        let middle = leaves.startIndex + leaves.count / 2
        return MerkleHash.node(self.hash(leaves[..<middle]), self.hash(leaves[middle...]))
    }
}

/// The code of the refusal; nil when nothing is refused.
func refusal(_ body: () throws -> Void) -> ProtocolFailure.Code? {
    do {
        try body()
        return nil
    } catch let failure as ProtocolFailure {
        return failure.code
    } catch {
        return nil
    }
}
