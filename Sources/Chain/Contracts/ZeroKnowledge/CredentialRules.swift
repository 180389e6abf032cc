internal import CanonicalBytes
internal import Certificates
internal import Ledger

/// The tree of credentials in the state.
enum CredentialRules {
    static var methods: [Method] { [Method(self.add), Method(self.revoke)] }

    /// Work of a Poseidon hash of two elements.
    static let hashCost: UInt64 = 60

    /// Those who certify attributes.
    private static let issuers: [PartyRole] = [.attributeAuthority, .authority]

    @Sendable private static func add(_ arguments: AddCredentials, _ call: ContractCall) throws(ContractFailure) {
        let issuer = try call.party(in: self.issuers)
        let first = try call.leafCount()
        let count = UInt32(arguments.leaves.count)
        let hasRoom = first + count <= CredentialTreeState.capacity
        for (place, leaf) in arguments.leaves.enumerated() {
            let key = ZeroKnowledgeKey.credential(leaf)
            try ensure(try call.value(of: key) == nil, .credentialKnown, "leaf \(place) is, or was, in the tree")
            let entry = CertifiedLeaf(index: first + UInt32(place), issuer: issuer, added: call.block.time)
            try call.store(entry, at: key)
        }
        try ensure(hasRoom, .credentialTreeFull, "more than \(CredentialTreeState.capacity) credentials")
        let root = try CredentialTreeState.set(zip(first..., arguments.leaves).map { ($0, $1) }, call)
        try call.set(ZeroKnowledgeKey.leafCount, to: (first + count).bigEndianBytes)
        try self.keep(root, isRevocation: false, call)
        try call.emit("zk.credentials-added", root + first.bigEndianBytes + UInt16(count).bigEndianBytes)
    }

    @Sendable private static func revoke(
        _ arguments: RevokeCredentials,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let party = try call.party(in: self.issuers)
        var indices: [UInt32] = []
        for leaf in arguments.leaves {
            let key = ZeroKnowledgeKey.credential(leaf)
            guard var entry = try call.record(CertifiedLeaf.self, at: key) else {
                throw .rejected(.noSuchCredential, "no such leaf")
            }
            let isTheirs = entry.issuer.organization.isSame(as: party.organization)
            try ensure(isTheirs, .notAllowed, "another organization's credential")
            try ensure(entry.revoked == 0, .credentialRevokedAlready, "it is revoked")
            entry.revoke(arguments.reason, at: call.block.time)
            try call.store(entry, at: key)
            indices.append(entry.index)
        }
        let root = try CredentialTreeState.set(indices.sorted().map { ($0, CredentialTreeState.empty[0]) }, call)
        let epoch = try self.keep(root, isRevocation: true, call)
        var writer = CanonicalWriter(capacity: 300)
        writer.raw(root)
        writer.u64(epoch)
        writer.u8(arguments.reason.rawValue)
        writer.list(indices.map(\.bigEndianBytes))
        try call.emit("zk.credentials-revoked", writer.bytes)
    }

    /// Takes a root into the window.
    ///
    /// - Returns: its revocation epoch.
    @discardableResult
    private static func keep(
        _ root: [UInt8],
        isRevocation: Bool,
        _ call: ContractCall
    ) throws(ContractFailure) -> UInt64 {
        var roots = try call.record(RecentRoots.self, at: ZeroKnowledgeKey.roots) ?? RecentRoots()
        let epoch = roots.epoch + (isRevocation ? 1 : 0)
        roots.append(RecentRoots.Entry(root: root, since: call.block.time, epoch: epoch))
        try call.store(roots, at: ZeroKnowledgeKey.roots)
        return epoch
    }
}

extension ContractCall {
    /// Leaves of the tree of credentials.
    fileprivate func leafCount() throws(ContractFailure) -> UInt32 {
        guard let bytes = try self.value(of: ZeroKnowledgeKey.leafCount) else { return 0 }
        var reader = CanonicalReader(bytes)
        do throws(ProtocolFailure) { return try reader.u32() } catch { throw .damaged(error) }
    }
}
