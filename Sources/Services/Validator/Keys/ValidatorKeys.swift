internal import BLSCertificates
package import CanonicalBytes
package import Certificates
package import Consensus
package import Credentials
internal import P256Group
internal import SecretSharing
internal import Transcripts

/// A validator's own keys, of the file `validator.key`.
///
/// `"WLVK" || u8 kind || LP(voting seed) || LP(share secret)`; the voting seed is one of Ed25519.
package struct ValidatorKeys: Sendable {
    /// What signs the shares of certificates.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// The share secret is a seed of Ed25519: for chains whose certificates are lists of signatures.
        case ed25519 = 1
        /// The share secret is a canonical scalar of BLS12-381: certificates are one aggregated signature.
        case bls = 2
    }

    package static let fileName = "validator.key"

    package let kind: Kind
    package let signer: any ReplicaSigner
    /// The public key of votes.
    package let votingKey: [UInt8]
    /// The public key of certificate shares.
    package let shareKey: [UInt8]

    private init(_ kind: Kind, votingSeed: [UInt8], shareSecret: [UInt8]) throws(CredentialsError) {
        self.kind = kind
        let member: Member
        switch kind {
        case .ed25519:
            guard let signer = Ed25519Signer(votingSeed: votingSeed, shareSeed: shareSecret), votingSeed != shareSecret
            else { throw .malformed("a validator's seeds are two different ones of 32 bytes") }
            self.signer = signer
            member = signer.member(ReplicaID(0))
        case .bls:
            guard let secret = try? SecretFr(bytes: shareSecret),
                let signer = BLSSigner(votingSeed: votingSeed, shareSecret: secret)
            else { throw .malformed("a validator's secrets are a seed of 32 bytes and a scalar of BLS12-381") }
            self.signer = signer
            member = signer.member(ReplicaID(0))
        }
        self.votingKey = member.votingKey
        self.shareKey = member.shareKey
    }

    /// Makes keys in a directory that has none.
    ///
    /// - Parameters:
    ///   - directory: made when it is not there.
    ///   - kind: that of the chain's certificates.
    /// - Returns: the new keys.
    /// - Throws: ``CredentialsError/unwritable(_:)``, also when there are keys already: they are never overwritten.
    package static func generate(_ directory: String, kind: Kind = .bls) throws(CredentialsError) -> ValidatorKeys {
        try PrivateFile.makeDirectory(directory)
        let path = "\(directory)/\(self.fileName)"
        guard !PrivateFile.exists(path) else { throw .unwritable("\(path) exists already") }
        var voting = SecureRandom.bytes(32)
        var share = kind == .bls ? SecretFr.random().secretBytes() : SecureRandom.bytes(32)
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLVK")
        writer.u8(kind.rawValue)
        writer.lengthPrefixed(voting)
        writer.lengthPrefixed(share)
        var bytes = writer.bytes
        defer {
            voting.wipe()
            share.wipe()
            bytes.wipe()
        }
        try PrivateFile.write(bytes, to: path)
        return try ValidatorKeys(kind, votingSeed: voting, shareSecret: share)
    }

    /// Reads the keys of a directory.
    ///
    /// - Throws: ``CredentialsError``, for example when others may read the file.
    package static func load(_ directory: String) throws(CredentialsError) -> ValidatorKeys {
        let path = "\(directory)/\(self.fileName)"
        var bytes = try PrivateFile.read(path, upTo: 4_096)
        defer { bytes.wipe() }
        let kind: Kind
        var (voting, share) = ([UInt8](), [UInt8]())
        defer {
            voting.wipe()
            share.wipe()
        }
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            try reader.magic("WLVK")
            guard let known = Kind(rawValue: try reader.u8()) else {
                throw ProtocolFailure(.format, "keys of another release")
            }
            kind = known
            voting = try reader.lengthPrefixed()
            share = try reader.lengthPrefixed()
            try reader.finish()
        } catch { throw .malformed("\(path) holds no validator's keys") }
        return try ValidatorKeys(kind, votingSeed: voting, shareSecret: share)
    }

    /// As a committee lists it.
    package func member(_ number: ReplicaID) -> Member {
        Member(id: number, votingKey: self.votingKey, shareKey: self.shareKey)
    }
}

/// What a validator sends to whoever makes the genesis, signed with its identity.
///
/// `"WLVM" || LP(party) || u16 number (0: to be given) || LP(voting key) || LP(share key) || signature (64)`, a Schnorr
/// signature with context `MEMBER` over what stands before it.
package struct MemberDescription: Hashable, Sendable {
    package static let signatureContext = "MEMBER"

    package let party: PartyName
    /// 0: to be given.
    package let number: UInt16
    package let votingKey: [UInt8]
    package let shareKey: [UInt8]
    private let signature: [UInt8]

    /// Describes this validator.
    ///
    /// - Throws: ``ProtocolFailure`` for randomness that does not occur.
    package init(of keys: ValidatorKeys, number: UInt16 = 0, identity: Identity) throws(ProtocolFailure) {
        self.party = identity.name
        self.number = number
        self.votingKey = keys.votingKey
        self.shareKey = keys.shareKey
        let signed = Self.signedBytes(identity.name, number, keys.votingKey, keys.shareKey)
        self.signature = try Schnorr.sign(identity.key, context: Self.signatureContext, message: signed)
    }

    /// Reads a description strictly; ``verify(certificate:issuer:)`` judges it.
    ///
    /// - Throws: `FORMAT`.
    package init(bytes: [UInt8]) throws(ProtocolFailure) {
        var reader = CanonicalReader(bytes)
        try reader.magic("WLVM")
        let name = try reader.text()
        guard let party = PartyName(name), party.role == .validator, party.description.utf8.elementsEqual(name.utf8)
        else { throw ProtocolFailure(.format, "not the name of a validator") }
        self.party = party
        self.number = try reader.u16()
        self.votingKey = try reader.lengthPrefixed()
        self.shareKey = try reader.lengthPrefixed()
        self.signature = try reader.take(Schnorr.signatureLength)
        try reader.finish()
        let longest = max(self.votingKey.count, self.shareKey.count)
        try require(longest <= Member.keyBytesMax, .format, "a validator's key of \(longest) bytes")
    }

    package var bytes: [UInt8] {
        Self.signedBytes(self.party, self.number, self.votingKey, self.shareKey) + self.signature
    }

    /// Requires that the party signed it.
    ///
    /// - Throws: `CONTEXT` for the certificate of another party; what checking the certificate throws; `SIGNATURE`.
    package func verify(certificate: ImplicitCertificate, issuer: CertificateIssuer) throws(ProtocolFailure) {
        try require(certificate.fields.subject == self.party.description, .context, "another party's certificate")
        let key = try issuer.publicKey(of: certificate, at: nil)
        let signed = Self.signedBytes(self.party, self.number, self.votingKey, self.shareKey)
        try Schnorr.verify(key, context: Self.signatureContext, message: signed, signature: self.signature)
    }

    private static func signedBytes(
        _ party: PartyName,
        _ number: UInt16,
        _ votingKey: [UInt8],
        _ shareKey: [UInt8]
    ) -> [UInt8] {
        var writer = CanonicalWriter(capacity: 256)
        writer.magic("WLVM")
        writer.lengthPrefixed(party.description)
        writer.u16(number)
        writer.lengthPrefixed(votingKey)
        writer.lengthPrefixed(shareKey)
        return writer.bytes
    }
}
