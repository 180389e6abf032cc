internal import CanonicalBytes
internal import Certificates
package import Ledger

extension RejectionCode {
    package static let registeredAlready = RejectionCode(201, "registered-already")
    package static let notRegistered = RejectionCode(202, "not-registered")
    package static let listNotSigned = RejectionCode(203, "list-not-signed")
    package static let listOutdated = RejectionCode(204, "list-outdated")
    package static let listTooLong = RejectionCode(205, "list-too-long")
    package static let foreignCertificate = RejectionCode(206, "foreign-certificate")
    package static let rootKnown = RejectionCode(207, "root-known")
    package static let rootEpoch = RejectionCode(208, "root-epoch")
    package static let attributeKeyKnown = RejectionCode(209, "attribute-key-known")
}

/// `registry`: who takes part, what is revoked, and the roots over credentials.
enum RegistryContract {
    static var methods: [Method] {
        [Method(self.register), Method(self.revoke), Method(self.setCredentialRoot), Method(self.setAttributeKey)]
    }

    @Sendable private static func register(_: Register, _ call: ContractCall) throws(ContractFailure) {
        let party = try call.party()
        guard let certificate = call.caller.certificate else { throw .rejected(.notAllowed, "nobody signed") }
        let key = RegistryKey.certificate(certificate.digest)
        try ensure(try call.value(of: key) == nil, .registeredAlready, "this certificate is registered")
        let entry = RegisteredCertificate(certificate, of: party, at: call.block.height)
        try call.store(entry, at: key)
        if try self.isNewest(entry, call) { try call.set(RegistryKey.party(party), to: certificate.digest) }
        try call.emit("registry.registered", certificate.digest + Array(party.description.utf8))
    }

    /// A late registration of an older certificate does not hide the newer one.
    private static func isNewest(_ entry: RegisteredCertificate, _ call: ContractCall) throws(ContractFailure) -> Bool {
        guard let digest = try call.value(of: RegistryKey.party(entry.subject)),
            let other = try call.record(RegisteredCertificate.self, at: RegistryKey.certificate(digest))
        else { return true }
        return entry.notBefore >= other.notBefore
    }

    @Sendable private static func revoke(_ arguments: Revoke, _ call: ContractCall) throws(ContractFailure) {
        _ = try call.party()
        let isRegistered = try call.value(of: RegistryKey.certificate(try call.signer())) != nil
        try ensure(isRegistered, .notRegistered, "register first")
        let list = arguments.list
        try ensure(list.count <= Revoke.digestsMax, .listTooLong, "more than \(Revoke.digestsMax) digests")
        let issuer = try self.signer(of: list, call)
        let key = RegistryKey.listNumber(issuer.kind, list.issuer)
        if let last = try call.number(at: key) {
            try ensure(list.number > last, .listOutdated, "list \(last) of this issuer is known")
        }
        try call.set(key, to: list.number.bigEndianBytes)
        for digest in list.revoked { try self.requireOwn(digest, of: issuer, call) }
        let count = try call.revoke(list.revoked, by: list.issuer)
        var writer = CanonicalWriter(capacity: 64)
        writer.lengthPrefixed(list.issuer)
        writer.u64(list.number)
        writer.u32(UInt32(count))
        try call.emit("registry.revoked", writer.bytes)
    }

    /// The trusted issuer whose key signed the list; authorities of both kinds may bear one name.
    private static func signer(of list: RevocationList, _ call: ContractCall) throws(ContractFailure) -> TrustedIssuer {
        for issuer in try call.issuers().issuers where issuer.issuer.name.isSame(as: list.issuer) {
            try call.charge(signatureCost)
            do throws(ProtocolFailure) {
                // An old list still revokes what it names.
                try list.verify(by: issuer.issuer, at: nil)
                return issuer
            } catch { continue }
        }
        throw .rejected(.listNotSigned, "no trusted issuer signed the list")
    }

    /// An issuer revokes what it issued: one dishonest authority must not shut out the others' parties.
    private static func requireOwn(
        _ digest: [UInt8],
        of issuer: TrustedIssuer,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let entry = try call.record(RegisteredCertificate.self, at: RegistryKey.certificate(digest))
        guard let entry else { return }
        let isOwn = issuer.kind == .authority && entry.issuer.isSame(as: issuer.issuer.name)
        try ensure(isOwn, .foreignCertificate, "a certificate of another issuer")
    }

    @Sendable private static func setCredentialRoot(
        _ arguments: SetCredentialRoot,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let party = try call.party(in: [.attributeAuthority, .authority])
        let key = RegistryKey.roots(party)
        var roots = try call.record(CredentialRoots.self, at: key) ?? CredentialRoots()
        let isKnown = roots.entries.contains { $0.root == arguments.root }
        try ensure(!isKnown, .rootKnown, "the root is among the last \(CredentialRoots.window)")
        // The next epoch's credentials are made before it begins.
        let latest = try call.scopeEpoch(at: call.block.time / 1_000) + 1
        let isInOrder = arguments.epoch <= latest && arguments.epoch >= roots.entries.last?.epoch ?? 0
        try ensure(isInOrder, .rootEpoch, "not between the last root's epoch and \(latest)")
        let height = call.block.height
        roots.append(CredentialRoots.Entry(root: arguments.root, epoch: arguments.epoch, height: height))
        try call.store(roots, at: key)
        try call.emit("registry.credential-root", arguments.bytes)
    }

    @Sendable private static func setAttributeKey(
        _ arguments: SetAttributeKey,
        _ call: ContractCall
    ) throws(ContractFailure) {
        let party = try call.party(in: [.attributeAuthority])
        let key = RegistryKey.attributeKey(party)
        let known = try call.record(AttributeKeyRecord.self, at: key)
        try ensure(known?.publicKey != arguments.publicKey, .attributeKeyKnown, "this is the key already")
        try call.store(AttributeKeyRecord(arguments.publicKey, height: call.block.height), at: key)
        try call.emit("registry.attribute-key", arguments.digest + Array(party.description.utf8))
    }
}
