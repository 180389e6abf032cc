import Authority
import Certificates
import Credentials
import FiniteFields
import Foundation
import IdentityEncryption
import SecretSharing
import Signcryption

@testable import Agent

/// A KGC and a privacy center that issue keys jointly, with the files that they publish.
struct IssuingParties {
    private let identities: [Identity]
    private let names: [String]
    private let folder: String

    init(_ site: UplinkSite) throws {
        self.folder = site.site.folder
        self.names = ["cloud:kgc:k", "cloud:privacy-center:two"]
        let now = UInt64(Date().timeIntervalSince1970)
        self.identities = try self.names.enumerated().map { index, name in
            guard let party = PartyName(name), let host = HostName("127.0.0.1") else { throw UplinkSite.NoSuchParty() }
            return try site.authority.install(
                party,
                hosts: [host],
                into: "\(site.site.folder)/issuer-\(index)",
                at: now
            )
        }
    }

    /// Sets up parameters from an epoch on.
    ///
    /// - Returns: the path of their file, and what opens capsules.
    func publish(from epoch: UInt64) throws -> (path: String, authority: JointSecret) {
        let plan = try IssuingPlan(
            consortium: "c",
            epoch: epoch,
            parties: self.identities.map { IssuingPlan.Party(name: $0.name, url: "https://127.0.0.1:1") }
        )
        let secrets = self.identities.map { _ in SecretFr.random() }
        func say(_ kind: PartyStatement.Kind, _ place: Int, _ payload: [UInt8]) throws -> PartyStatement {
            try PartyStatement(
                kind,
                of: UInt8(place),
                payload,
                context: plan.context,
                certificate: self.identities[place].certificate,
                key: self.identities[place].key
            )
        }
        let commitments = try secrets.enumerated().map { place, secret in
            let point = try SetupStep.point(of: secret)
            return try say(.commitment, place, SetupStep.commitment(party: UInt8(place), point: point))
        }
        var steps: [PartyStatement] = []
        var previous: [UInt8] = []
        for (place, secret) in secrets.enumerated() {
            let step = try SetupStep(secret, party: UInt8(place), previous: previous, context: plan.context)
            steps.append(try say(.step, place, JointSetup.payload(of: step, answering: commitments)))
            previous = step.product
        }
        let setup = JointSetup(plan: plan, commitments: commitments, steps: steps)
        let endorsements = try secrets.indices.map { try say(.endorsement, $0, setup.digest) }
        let file = try ParametersFile(setup: setup, endorsements: endorsements)
        let path = "\(self.folder)/parameters-\(epoch)-\(UUID().uuidString).wly"
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        return (path, JointSecret(secrets: secrets, parameters: file.parameters))
    }
}

/// The product of the parties' secrets, which nobody has outside of tests.
struct JointSecret {
    let secrets: [SecretFr]
    let parameters: IdentityParameters

    /// Opens a capsule as a requester does to whom all parties issued the key of its identity.
    func open(_ capsule: EpochCapsule) throws -> [UInt8] {
        let identity = try capsule.identity()
        let product = try SecretFr(
            self.secrets.reduce(Fr.one) { product, secret in secret.withValue { product * $0 } }
        )
        // A blinded request is its blinding times Q_ID: with the product for a blinding it is the key.
        let terms = KeyRequestTerms(identity: identity, requester: "r", permission: [], nonce: [])
        let key = try IdentityKey(
            stored: KeyRequest(terms, blinding: product).blinded,
            identity: identity,
            parameters: self.parameters
        )
        return try key.open(capsule)
    }
}
