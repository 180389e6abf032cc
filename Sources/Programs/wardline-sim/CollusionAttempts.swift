internal import CanonicalBytes
internal import Certificates
internal import Credentials
internal import IdentityEncryption
internal import P256Group
internal import Receiving
internal import Signcryption
internal import Transcripts

/// What is tried with a scene's secrets, and what must come of it.
struct CollusionAttempts {
    private let scene: CollusionScene
    /// The epoch key, as the receiver's identity key gives it.
    private let epochKey: [UInt8]

    init(_ scene: CollusionScene) throws {
        self.scene = scene
        self.epochKey = try scene.key.open(scene.material.capsule)
    }

    func all() throws -> [CollusionFinding] {
        var findings: [CollusionFinding] = []
        for party in self.scene.parties.indices { findings.append(try self.alone(party)) }
        findings.append(try self.allButOne())
        findings.append(try self.together())
        findings.append(try self.togetherWithoutReceiver())
        findings.append(try self.receiverWithoutKey())
        findings.append(try self.receiverWithKey())
        findings += try GatewayAttempts(self.scene, epochKey: self.epochKey).all()
        findings += try ValidatorAttempts(self.scene, epochKey: self.epochKey).all()
        findings += try CentersWithReceiverAttempts(self.scene, epochKey: self.epochKey).all()
        return findings
    }

    // MARK: - The epoch key

    private func alone(_ place: Int) throws -> CollusionFinding {
        let outcome = try self.decapsulation(by: [place])
        return CollusionFinding(
            name: "alone-\(self.scene.parties[place].name.name)",
            passed: outcome == .refused(.fo),
            text: "the share of \(self.scene.parties[place].name) alone gives no epoch key: \(outcome)"
        )
    }

    private func allButOne() throws -> CollusionFinding {
        let places = self.scene.parties.indices
        let outcomes = try places.map { missing in
            try self.decapsulation(by: places.filter { $0 != missing })
        }
        return CollusionFinding(
            name: "all-but-one",
            passed: outcomes.allSatisfy { $0 == .refused(.fo) },
            text: "each \(places.count - 1) of the \(places.count) shares together give no epoch key: \(outcomes[0])"
        )
    }

    private func together() throws -> CollusionFinding {
        let outcome = try self.decapsulation(by: Array(self.scene.parties.indices))
        return CollusionFinding(
            name: "all-issuers",
            passed: outcome == .gave(self.epochKey),
            text: "all \(self.scene.parties.count) shares together give the epoch key that the receiver was issued"
        )
    }

    /// What comes of taking a coalition's product of shares times `Q_ID` for the identity's key.
    private func decapsulation(by places: [Int]) throws -> AttemptOutcome<[UInt8]> {
        let shares = places.map { self.scene.parties[$0].share }
        return try self.scene.decapsulation(of: self.scene.material.capsule, with: shares)
    }

    // MARK: - The envelope

    /// KGC, issuing and storing centers together: the epoch key, `Y`, their own private keys, and each `Y'_i` with their
    /// combination `rk·Y`, which storing centers can make alone.
    private func togetherWithoutReceiver() throws -> CollusionFinding {
        let material = self.scene.material
        let commitment = material.envelope.envelope.commitment.point
        var guesses = [commitment]
        for identity in self.scene.parties.map(\.identity) + self.scene.storing {
            guesses.append(identity.key.withSecret { $0 * commitment })
        }
        let parts = try material.parts.map { bytes in
            let part = try ReencryptionPart(bytes: bytes)
            return (index: part.index, point: try P256Point(part.transformed))
        }
        guesses += parts.map(\.point)
        let indices = parts.map(\.index)
        let combined = parts.map { P256Scalar.lagrangeAtZero($0.index, among: indices) * $0.point }
        if let first = combined.first { guesses.append(combined.dropFirst().reduce(first, +)) }
        let outcomes = guesses.map { guess in
            AttemptOutcome { () throws(ProtocolFailure) in
                try material.envelope.open(shared: guess, epochKey: self.epochKey)
            }
        }
        return CollusionFinding(
            name: "all-without-receiver",
            passed: outcomes.allSatisfy { $0 == .refused(.aead) },
            text:
                "KGC and all centers with the epoch key, their own keys and every part open nothing without the receiver:"
                + " \(outcomes.count) attempts, \(outcomes[0])"
        )
    }

    /// The grant, all parts, and no key of the identity: what else is known in place of the epoch key.
    private func receiverWithoutKey() throws -> CollusionFinding {
        let material = self.scene.material
        let capsule = try material.capsule.content(under: self.scene.key.parameters).ciphertext
        let guesses: [[UInt8]] = [
            [UInt8](repeating: 0, count: 32), Array(capsule.suffix(32)), material.capsule.digest,
            material.envelope.header.scopeDigest, SecureRandom.bytes(32),
        ]
        let outcomes = guesses.map(self.received)
        let none = self.received(nil)
        return CollusionFinding(
            name: "receiver-without-key",
            passed: outcomes.allSatisfy { $0 == .refused(.aead) } && none == .refused(.context),
            text:
                "the granted receiver with every part opens nothing without the identity's key:"
                + " \(outcomes.count + 1) attempts, \(outcomes[0])"
        )
    }

    private func receiverWithKey() throws -> CollusionFinding {
        let material = self.scene.material
        let owner = try material.envelope.open(
            with: self.scene.scopeKey.keyPair,
            descriptorDigest: material.reader.grant.scope.descriptor.digest,
            epochKey: self.epochKey
        )
        let outcome = self.received(self.epochKey)
        return CollusionFinding(
            name: "receiver-with-key",
            passed: outcome == .gave(owner) && !owner.isEmpty,
            text: "with both, the receiver opens the envelope: \(owner.count) records, those that the owner opens"
        )
    }

    private func received(_ epochKey: [UInt8]?) -> AttemptOutcome<[EnvelopeRecord]> {
        let material = self.scene.material
        let context = GrantReader.Context(nonce: material.nonce, epochKey: epochKey, capsule: material.capsule)
        return AttemptOutcome { () throws(ProtocolFailure) in
            try material.reader.open(material.envelope, parts: material.parts, context: context)
        }
    }
}
