internal import CanonicalBytes
internal import Credentials
internal import Custodian
internal import IdentityEncryption
internal import P256Group
internal import Receiving
internal import Signcryption

/// What all privacy centers and a granted receiver get out of everything that they have: the key of the granted scope
/// and epoch, and nothing else.
struct CentersWithReceiverAttempts {
    private let scene: CollusionScene
    private let epochKey: [UInt8]
    private let coalition: CentersWithReceiver
    /// Envelopes of the granted scope that the receiver's identity key is for, at most.
    private static let openedMax = 32
    /// Epoch keys of other data that are tried: each takes pairings.
    private static let capsulesMax = 32

    init(_ scene: CollusionScene, epochKey: [UInt8]) throws {
        self.scene = scene
        self.epochKey = epochKey
        self.coalition = try CentersWithReceiver(scene)
    }

    func all() throws -> [CollusionFinding] {
        let next = try NextEpochEnvelope(self.scene)
        let opened = try self.openedEnvelopes()
        return [
            try self.grantedScope(opened),
            try self.otherScopes(),
            try self.otherEpoch(next),
            try self.otherEpochKeys(next),
            self.ownersSecrets(opened),
            self.gatewaysKey(opened),
        ]
    }

    // MARK: - What they do get

    /// `rk·S` is the scope's key, and what they can make of an envelope of this scope does open it: the attempts below
    /// are the same ones.
    private func grantedScope(_ opened: [SenderSecrets]) throws -> CollusionFinding {
        let isOwners = self.coalition.scopeKey.bytes == self.scene.scopeKey.keyPair.secretBytes()
        let outcomes = try self.coalition.outcomes(on: self.scene.material.envelope, epochKeys: [self.epochKey])
        let openings = outcomes.count { if case .gave = $0 { true } else { false } }
        return CollusionFinding(
            name: "centers-and-receiver-granted-scope",
            passed: isOwners && openings > 0 && !opened.isEmpty,
            text: isOwners
                ? "all centers with the receiver compute the key of the granted scope and epoch, the owner's, and open"
                    + " its envelopes: \(opened.count) of this gateway"
                : "all centers with the receiver do not compute the key of the granted scope"
        )
    }

    /// The envelopes that the grant and the identity's key are for, taken apart.
    private func openedEnvelopes() throws -> [SenderSecrets] {
        let header = self.scene.material.envelope.header
        return try self.coalition.envelopes.filter {
            $0.header.scopeDigest == header.scopeDigest && $0.header.capsuleDigest == header.capsuleDigest
                && $0.header.sender.utf8.elementsEqual(header.sender.utf8)
        }.prefix(Self.openedMax).map { envelope in
            let point = self.coalition.scopeKey * envelope.envelope.commitment.point
            return try SenderSecrets(envelope, shared: point, epochKey: self.epochKey)
        }
    }

    // MARK: - What they do not get

    /// Everything that centers store of scopes that this receiver was not granted; they are given the epoch keys.
    private func otherScopes() throws -> CollusionFinding {
        let others = self.coalition.envelopes.filter {
            !self.coalition.grantedScopes.contains($0.header.scopeDigest)
        }
        var epochKeys: [[UInt8]: [UInt8]] = [:]
        for (digest, capsule) in self.otherCapsules() {
            let all = try self.scene.decapsulation(of: capsule, with: self.scene.parties.map(\.share))
            if case .gave(let key) = all { epochKeys[digest] = key }
        }
        var refusals = Refusals(expecting: .aead)
        var openedByOwner = 0
        for envelope in others {
            let right = epochKeys[envelope.header.capsuleDigest]
            let keys = [self.epochKey] + [right].compactMap { $0 }
            refusals.note(try self.coalition.outcomes(on: envelope, epochKeys: keys))
            openedByOwner += try self.ownerOpens(envelope, right) ? 1 : 0
        }
        let scopes = Set(others.map(\.header.scopeDigest)).count
        return CollusionFinding(
            name: "centers-and-receiver-other-scopes",
            passed: refusals.areComplete && openedByOwner > 0,
            text:
                "they open none of \(others.count) envelopes of \(scopes) other scopes, \(openedByOwner) of them tried with"
                + " the right epoch key too, with which the owner does: \(refusals)"
        )
    }

    private func ownerOpens(_ envelope: VerifiedEnvelope, _ epochKey: [UInt8]?) throws -> Bool {
        let digest = envelope.header.scopeDigest
        guard let scope = try self.scene.custodian.registry.scope(digest: digest) else { return false }
        let key = try self.scene.custodian.scopeKey(label: scope.label, epoch: scope.epoch).keyPair
        return (try? envelope.open(with: key, descriptorDigest: digest, epochKey: epochKey)) != nil
    }

    private func otherEpoch(_ next: NextEpochEnvelope) throws -> CollusionFinding {
        var refusals = Refusals(expecting: .aead)
        let keys = [self.epochKey, next.epochKey]
        refusals.note(try self.coalition.outcomes(on: next.envelope, epochKeys: keys))
        return CollusionFinding(
            name: "centers-and-receiver-other-epoch",
            passed: refusals.areComplete && next.opensForOwner,
            text:
                "nor what the gateway seals in the same stream's next epoch, which the owner opens, even with its epoch"
                + " key: \(refusals)"
        )
    }

    /// The identity's key in the place of another's, alone and with the centers' shares of the issuing key.
    private func otherEpochKeys(_ next: NextEpochEnvelope) throws -> CollusionFinding {
        let shares = self.scene.parties.dropFirst().map(\.share)
        let issued = try self.scene.key.secretBytes()
        let capsules = [next.capsule] + self.otherCapsules().map(\.capsule)
        var refusals = Refusals(expecting: .fo)
        for capsule in capsules {
            refusals.note(try self.scene.decapsulation(of: capsule, with: [], from: issued))
            refusals.note(try self.scene.decapsulation(of: capsule, with: shares, from: issued))
            refusals.note(try self.scene.decapsulation(of: capsule, with: shares))
        }
        let own = try self.scene.decapsulation(of: self.scene.material.capsule, with: [], from: issued)
        return CollusionFinding(
            name: "centers-and-receiver-other-epoch-keys",
            passed: refusals.areComplete && own == .gave(self.epochKey),
            text: "nor do they get the epoch key of the next epoch or of \(capsules.count - 1) other identities:"
                + " \(refusals)"
        )
    }

    /// Capsules under the same parameters for other identities than the receiver's key is for.
    private func otherCapsules() -> [(digest: [UInt8], capsule: EpochCapsule)] {
        var seen: Set<[UInt8]> = []
        let others = self.coalition.envelopes.compactMap { envelope -> (digest: [UInt8], capsule: EpochCapsule)? in
            guard let capsule = self.coalition.capsules[envelope.header.capsuleDigest],
                let identity = try? capsule.content(under: self.scene.key.parameters).identity,
                identity != self.scene.key.identity, seen.insert(capsule.digest).inserted
            else { return nil }
            return (capsule.digest, capsule)
        }
        return Array(others.prefix(Self.capsulesMax))
    }

    /// Whether anything is the owner secret, which gives the scope's key, or the owner's key, which has a certificate.
    private func ownersSecrets(_ opened: [SenderSecrets]) -> CollusionFinding {
        let known = self.known(opened)
        let candidates =
            known.map(\.bytes) + [self.epochKey] + opened.flatMap { [$0.eta, Array($0.contentKey.prefix(32))] }
        let owner = self.scene.material.reader.grant.owner.publicKey
        let isFound = candidates.contains(where: self.isOwnerSecret) || known.contains { self.isKey($0, of: owner) }
        return CollusionFinding(
            name: "centers-and-receiver-owner",
            passed: !isFound && self.isOwnerSecret(self.scene.ownerSecret),
            text: isFound
                ? "they have a secret of the owner"
                : "nothing of \(candidates.count) values that they know or derive is the owner secret or the owner's key"
        )
    }

    private func isOwnerSecret(_ bytes: [UInt8]) -> Bool {
        let scope = self.scene.scopeKey
        guard let secret = try? OwnerSecret(bytes),
            let derived = try? secret.scopeKey(owner: scope.owner, label: scope.label, epoch: scope.epoch)
        else { return false }
        return derived.keyPair.publicKey == scope.keyPair.publicKey
    }

    /// Who opens an envelope knows `r` and both nonces but the sender's; no equation of the signatures gives the key.
    private func gatewaysKey(_ opened: [SenderSecrets]) -> CollusionFinding {
        var candidates = self.known(opened) + opened.flatMap(\.keysUnderKnownNonces)
        for (place, first) in opened.enumerated() {
            candidates += opened[(place + 1)...].map { first.key(underSameNonceAs: $0) }
        }
        let gateway = self.scene.material.envelope.sender.publicKey
        let isFound = candidates.contains { self.isKey($0, of: gateway) }
        let isRecognized = self.scene.gateway.key.withSecret { self.isKey($0, of: gateway) }
        return CollusionFinding(
            name: "centers-and-receiver-gateway",
            passed: !isFound && isRecognized && !opened.isEmpty,
            text: isFound
                ? "they have the gateway's key"
                : "nothing of \(candidates.count) values, with r and the signatures of \(opened.count) opened envelopes, is"
                    + " the gateway's key"
        )
    }

    private func known(_ opened: [SenderSecrets]) -> [P256Scalar] {
        self.coalition.scalars + opened.flatMap { [$0.r, $0.commitmentNonce] }
    }

    private func isKey(_ scalar: P256Scalar, of publicKey: P256PublicKey) -> Bool {
        P256Point.base(times: scalar) == publicKey.point
    }
}
