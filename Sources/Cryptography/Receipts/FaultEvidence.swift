package import CanonicalBytes
package import Records

/// Evidence of a fault in bytes, to hand on.
///
/// ```
/// "WLPF" || u8 kind || LP(statement) || LP(statement) [ || leaf hash(32) || u16 k || k × 32 ]
/// ```
///
/// The statements are a receipt (`WLRC`), a tree head (`WLTH`) or a denial (`WLDN`), as the kind has them; the leaf and
/// its path stand in kind 3 only.
extension PrivacyCenterFault {
    /// The canonical encoding.
    package var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 2048)
        writer.magic("WLPF")
        writer.u8(self.kind)
        switch self {
        case .conflictingRoots(let first, let second):
            writer.lengthPrefixed(first.bytes)
            writer.lengthPrefixed(second.bytes)
        case .conflictingLeaves(let first, let second):
            writer.lengthPrefixed(first.bytes)
            writer.lengthPrefixed(second.bytes)
        case .replacedLeaf(let receipt, let leaf, let path, let statement):
            writer.lengthPrefixed(receipt.bytes)
            writer.lengthPrefixed(statement.bytes)
            writer.raw(leaf.bytes)
            writer.u16(UInt16(path.count))
            for hash in path { writer.raw(hash.bytes) }
        case .droppedLeaf(let receipt, let head):
            writer.lengthPrefixed(receipt.bytes)
            writer.lengthPrefixed(head.bytes)
        case .shrunkTree(let first, let second):
            writer.lengthPrefixed(first.bytes)
            writer.lengthPrefixed(second.bytes)
        case .deniedEnvelope(let receipt, let denial):
            writer.lengthPrefixed(receipt.bytes)
            writer.lengthPrefixed(denial.bytes)
        }
        return writer.bytes
    }

    private var kind: UInt8 {
        switch self {
        case .conflictingRoots: 1
        case .conflictingLeaves: 2
        case .replacedLeaf: 3
        case .droppedLeaf: 4
        case .shrunkTree: 5
        case .deniedEnvelope: 6
        }
    }
}

/// Evidence as it was received: of the right form, nothing more.
package struct ParsedFault: Sendable, Hashable {
    private let unverified: PrivacyCenterFault

    /// Parses evidence.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLPF")
        let kind = try reader.u8()
        let first = try reader.lengthPrefixed()
        let second = try reader.lengthPrefixed()
        self.unverified = try Self.fault(kind, first, second, &reader)
        try reader.finish()
        // Nothing may hide in evidence that is handed on.
        try require(self.unverified.bytes == bytes, .format, "evidence that is not canonical")
    }

    /// Takes over evidence that was put together here.
    package init(_ fault: PrivacyCenterFault) { self.unverified = fault }

    /// The centers' certificates that are needed to check the evidence, one or two.
    package var certificateDigests: [Digest] {
        let (first, second) = self.unverified.signers
        return first.certificateDigest == second.certificateDigest
            ? [first.certificateDigest] : [first.certificateDigest, second.certificateDigest]
    }

    /// Index pointers of the envelopes that the statements name, none or up to two; nothing is verified.
    package var envelopes: [Digest] {
        var envelopes: [Digest] = []
        for h1 in self.unverified.receipts.map(\.h1) where !envelopes.contains(h1) { envelopes.append(h1) }
        return envelopes
    }

    /// Judges the evidence.
    ///
    /// - Parameter keys: of the accused center, one for each of ``certificateDigests``.
    /// - Returns: a fault that is proven.
    /// - Throws: `CONTEXT` when the statements are of different centers or a key is missing, `SCALAR` or `SIGNATURE`
    ///   for a statement, `PROOF` when the statements do not contradict each other.
    package func verified(by keys: [CenterKey]) throws(ProtocolFailure) -> PrivacyCenterFault {
        let fault = self.unverified
        let (first, second) = fault.signers
        let isOneCenter = first.center.utf8.elementsEqual(second.center.utf8)
        try require(isOneCenter, .context, "the statements are of different centers")
        try fault.verifySignatures(first: Self.key(of: first, keys), second: Self.key(of: second, keys))
        try require(fault.isContradiction, .proof, "the statements do not contradict each other")
        return fault
    }

    private static func key(of signer: CenterSignature, _ keys: [CenterKey]) throws(ProtocolFailure) -> CenterKey {
        guard let key = keys.first(where: { $0.certificateDigest == signer.certificateDigest }) else {
            throw ProtocolFailure(.context, "the certificate of a statement is not given")
        }
        return key
    }

    private static func fault(
        _ kind: UInt8,
        _ first: [UInt8],
        _ second: [UInt8],
        _ reader: inout CanonicalReader
    ) throws(ProtocolFailure) -> PrivacyCenterFault {
        switch kind {
        case 1: return .conflictingRoots(try TreeStatement(parsing: first), try TreeStatement(parsing: second))
        case 2: return .conflictingLeaves(try Self.receipt(first), try Self.receipt(second))
        case 3:
            let leaf = try reader.digest()
            let path = try reader.digests(countMax: Receipt.pathCountMax)
            return .replacedLeaf(try Self.receipt(first), by: leaf, path: path, in: try TreeStatement(parsing: second))
        case 4: return .droppedLeaf(try Self.receipt(first), try ParsedTreeHead(bytes: second).unverified)
        case 5:
            let heads = (try ParsedTreeHead(bytes: first).unverified, try ParsedTreeHead(bytes: second).unverified)
            return .shrunkTree(heads.0, heads.1)
        case 6: return .deniedEnvelope(try Self.receipt(first), try ParsedDenial(bytes: second).unverified)
        default: throw ProtocolFailure(.format, "evidence of an unknown kind")
        }
    }

    private static func receipt(_ bytes: [UInt8]) throws(ProtocolFailure) -> Receipt {
        try ParsedReceipt(bytes: bytes).unverified
    }
}

extension PrivacyCenterFault {
    fileprivate var signers: (CenterSignature, CenterSignature) {
        switch self {
        case .conflictingRoots(let first, let second): (first.signer, second.signer)
        case .conflictingLeaves(let first, let second): (first.signer, second.signer)
        case .replacedLeaf(let receipt, _, _, let statement): (receipt.signer, statement.signer)
        case .droppedLeaf(let receipt, let head): (receipt.signer, head.signer)
        case .shrunkTree(let first, let second): (first.signer, second.signer)
        case .deniedEnvelope(let receipt, let denial): (receipt.signer, denial.signer)
        }
    }

    fileprivate var receipts: [Receipt] {
        switch self {
        case .conflictingRoots(let first, let second): [first, second].compactMap(\.receipt)
        case .conflictingLeaves(let first, let second): [first, second]
        case .replacedLeaf(let receipt, _, _, let statement): [receipt, statement.receipt].compactMap { $0 }
        case .droppedLeaf(let receipt, _), .deniedEnvelope(let receipt, _): [receipt]
        case .shrunkTree: []
        }
    }

    fileprivate func verifySignatures(first: CenterKey, second: CenterKey) throws(ProtocolFailure) {
        switch self {
        case .conflictingRoots(let one, let other):
            try one.verifySignature(by: first)
            try other.verifySignature(by: second)
        case .conflictingLeaves(let one, let other):
            try one.verifySignature(by: first)
            try other.verifySignature(by: second)
        case .replacedLeaf(let receipt, _, _, let statement):
            try receipt.verifySignature(by: first)
            try statement.verifySignature(by: second)
        case .droppedLeaf(let receipt, let head):
            try receipt.verifySignature(by: first)
            try head.verifySignature(by: second)
        case .shrunkTree(let one, let other):
            try one.verifySignature(by: first)
            try other.verifySignature(by: second)
        case .deniedEnvelope(let receipt, let denial):
            try receipt.verifySignature(by: first)
            try denial.verifySignature(by: second)
        }
    }
}

extension TreeStatement {
    /// The statement's own encoding.
    package var bytes: [UInt8] {
        switch self {
        case .receipt(let receipt): receipt.bytes
        case .head(let head): head.bytes
        }
    }

    fileprivate var receipt: Receipt? {
        if case .receipt(let receipt) = self { receipt } else { nil }
    }

    fileprivate init(parsing bytes: [UInt8]) throws(ProtocolFailure) {
        if bytes.starts(with: "WLTH".utf8) {
            self = .head(try ParsedTreeHead(bytes: bytes).unverified)
        } else {
            self = .receipt(try ParsedReceipt(bytes: bytes).unverified)
        }
    }

    fileprivate func verifySignature(by key: CenterKey) throws(ProtocolFailure) {
        switch self {
        case .receipt(let receipt): try receipt.verifySignature(by: key)
        case .head(let head): try head.verifySignature(by: key)
        }
    }
}
