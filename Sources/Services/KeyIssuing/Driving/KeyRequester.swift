internal import CanonicalBytes
package import Certificates
package import ChainReading
package import Credentials
package import IdentityEncryption
internal import SecretSharing
package import Signcryption
internal import Transcripts
internal import Uplink

/// Asks all parties in order for the key of an identity, and finds out whose step is wrong.
package struct KeyRequester: Sendable {
    /// What is asked for.
    package struct Wish: Sendable {
        /// The permission's identifier, 32 bytes.
        package let permission: [UInt8]
        package let descriptor: ScopeDescriptor
        package let ownerCertificate: [UInt8]
        /// The gateway's name.
        package let sender: String

        package init(permission: [UInt8], descriptor: ScopeDescriptor, ownerCertificate: [UInt8], sender: String) {
            self.permission = permission
            self.descriptor = descriptor
            self.ownerCertificate = ownerCertificate
            self.sender = sender
        }

        package var identity: [UInt8] {
            EpochCapsule.dataIdentity(
                owner: self.descriptor.owner,
                label: self.descriptor.label,
                epoch: self.descriptor.epoch,
                sender: self.sender
            )
        }
    }

    private let file: ParametersFile
    private let joint: JointParameters
    private let parties: PartyDirectory
    private let requester: RequesterKey

    /// - Parameters:
    ///   - file: verified here, under the authority of the identity.
    ///   - parties: of the file, reached with the same identity.
    ///   - identity: the requester's, which the permission names.
    /// - Throws: ``DrivingFailure`` for parameters that do not verify.
    package init(_ file: ParametersFile, parties: PartyDirectory, identity: Identity) throws {
        try self.init(file, parties: parties, requester: RequesterKey(identity), issuer: identity.issuer)
    }

    /// For a requester under a pseudonym, or of another authority than the parties.
    ///
    /// - Parameters:
    ///   - file: verified here.
    ///   - parties: of the file; under a pseudonym reached without a certificate.
    ///   - requester: the certificate that the permission names, with its key.
    ///   - issuer: of the parties' certificates.
    /// - Throws: ``DrivingFailure`` for parameters that do not verify.
    package init(
        _ file: ParametersFile,
        parties: PartyDirectory,
        requester: RequesterKey,
        issuer: CertificateIssuer
    ) throws {
        do throws(PartyFailure) { self.joint = try file.verify(issuer: issuer) } catch {
            throw DrivingFailure(error, in: file.plan, what: "the parameters")
        }
        self.file = file
        self.parties = parties
        self.requester = requester
    }

    /// Gets the key.
    ///
    /// - Throws: ``DrivingFailure``, which names the party that refuses or whose step is wrong.
    package func key(_ wish: Wish) async throws -> IdentityKey {
        let blinding = SecretFr.random()
        let terms = KeyRequestTerms(
            identity: wish.identity,
            requester: self.requester.certificate.digest.hex,
            permission: wish.permission,
            nonce: SecureRandom.bytes(32)
        )
        let request = try KeyRequest(terms, blinding: blinding)
        let signed = try SignedKeyRequest(
            request,
            certificate: self.requester.certificate.bytes,
            key: self.requester.key
        )
        var question = IssuingPartyClient.KeyQuestion(
            request: signed.bytes,
            round: self.file.round,
            descriptor: wish.descriptor.bytes,
            ownerCertificate: wish.ownerCertificate,
            sender: wish.sender
        )
        for place in self.file.parties.indices {
            let asked = question
            let step = try await self.parties.ask(place) { try await $0.issue(asked) }
            question.steps.append(step)
            do throws(PartyFailure) { try self.joint.verify(beginning: question.steps, of: request) } catch {
                throw DrivingFailure(error, in: self.file.plan, what: "a step")
            }
        }
        return try IdentityKey(
            finishing: question.steps[question.steps.count - 1],
            blinding: blinding,
            identity: wish.identity,
            parameters: self.joint.key
        )
    }
}
