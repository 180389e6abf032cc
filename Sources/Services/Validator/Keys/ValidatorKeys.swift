package import CanonicalBytes
package import Certificates
package import Consensus
package import Credentials
internal import P256Group
internal import Transcripts

/// A validator's own keys, of the file `validator.key`.
///
/// `"WLVK" || u8 scheme || LP(voting seed) || LP(share seed)`; scheme 1: Ed25519 for votes and shares.
package struct ValidatorKeys: Sendable {
    private static let ed25519: UInt8 = 1
    package static let fileName = "validator.key"

    package let signer: any ReplicaSigner
    package let scheme: any SignatureScheme
    /// The public key of votes.
    package let votingKey: [UInt8]
    /// The public key of certificate shares.
    package let shareKey: [UInt8]

    private init(votingSeed: [UInt8], shareSeed: [UInt8]) throws(CredentialsError) {
        guard let signer = Ed25519Signer(votingSeed: votingSeed, shareSeed: shareSeed), votingSeed != shareSeed else {
            throw .malformed("a validator's seeds are two different ones of 32 bytes")
        }
        let member = signer.member(ReplicaID(0))
        self.signer = signer
        self.scheme = Ed25519Scheme()
        self.votingKey = member.votingKey
        self.shareKey = member.shareKey
    }

    /// Makes keys in a directory that has none.
    ///
    /// - Throws: ``CredentialsError/unwritable(_:)``, also when there are keys already: they are never overwritten.
    package static func generate(_ directory: String) throws(CredentialsError) -> ValidatorKeys {
        try PrivateFile.makeDirectory(directory)
        let path = "\(directory)/\(self.fileName)"
        guard !PrivateFile.exists(path) else { throw .unwritable("\(path) exists already") }
        var (voting, share) = (SecureRandom.bytes(32), SecureRandom.bytes(32))
        var writer = CanonicalWriter(capacity: 128)
        writer.magic("WLVK")
        writer.u8(self.ed25519)
        writer.lengthPrefixed(voting)
        writer.lengthPrefixed(share)
        var bytes = writer.bytes
        defer {
            voting.wipe()
            share.wipe()
            bytes.wipe()
        }
        try PrivateFile.write(bytes, to: path)
        return try ValidatorKeys(votingSeed: voting, shareSeed: share)
    }

    /// Reads the keys of a directory.
    ///
    /// - Throws: ``CredentialsError``, for example when others may read the file.
    package static func load(_ directory: String) throws(CredentialsError) -> ValidatorKeys {
        let path = "\(directory)/\(self.fileName)"
        var bytes = try PrivateFile.read(path, upTo: 4_096)
        defer { bytes.wipe() }
        var (voting, share) = ([UInt8](), [UInt8]())
        defer {
            voting.wipe()
            share.wipe()
        }
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            try reader.magic("WLVK")
            try require(try reader.u8() == self.ed25519, .format, "keys of another release")
            voting = try reader.lengthPrefixed()
            share = try reader.lengthPrefixed()
            try reader.finish()
        } catch { throw .malformed("\(path) holds no validator's keys") }
        return try ValidatorKeys(votingSeed: voting, shareSeed: share)
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
        guard let party = PartyName(try reader.text()), party.role == .validator else {
            throw ProtocolFailure(.format, "not the name of a validator")
        }
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
