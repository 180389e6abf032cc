/// What a share is of, as `share.json` keeps it: written once, before anything is sent.
package struct ShareRecord: Sendable, Codable, Hashable {
    /// How a permission is come by.
    package enum Way: String, Sendable, Codable {
        /// With a proof that a credential satisfies the scope's policy.
        case proof
        /// A steward decides.
        case request
        /// By taking up a patient's offer.
        case offer
        case emergency
    }

    /// One scope of the share; digests and identifiers in hexadecimal digits.
    package struct Scope: Sendable, Codable, Hashable {
        package var scope: String
        package var organization: String
        package var request: String

        package init(scope: String, organization: String, request: String) {
            self.scope = scope
            self.organization = organization
            self.request = request
        }
    }

    package static let currentVersion = 1

    package var version = Self.currentVersion
    package var chain: String
    /// Digest of the requester's certificate.
    package var requester: String
    /// Whether that is a pseudonym's.
    package var isPseudonym: Bool
    package var way: Way
    package var purpose: String
    /// The data set, when one was asked for.
    package var dataset: String?
    /// The offer, when one was taken up.
    package var offer: String?
    package var scopes: [Scope]

    package init(
        chain: String,
        requester: String,
        isPseudonym: Bool,
        way: Way,
        purpose: String,
        dataset: String? = nil,
        offer: String? = nil,
        scopes: [Scope]
    ) {
        self.chain = chain
        self.requester = requester
        self.isPseudonym = isPseudonym
        self.way = way
        self.purpose = purpose
        self.dataset = dataset
        self.offer = offer
        self.scopes = scopes
    }

    enum CodingKeys: String, CodingKey {
        case version, chain, requester
        case isPseudonym = "pseudonym"
        case way, purpose, dataset, offer, scopes
    }
}
