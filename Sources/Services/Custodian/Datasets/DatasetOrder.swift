internal import AccessPolicies
internal import CanonicalBytes
internal import KeywordTags

/// What a steward wants published, as `POST /v1/datasets` takes it.
package struct DatasetOrder: Sendable, Codable, Equatable {
    /// 64 hexadecimal digits, random; the same order with the same identifier is one data set.
    package var dataset: String
    /// Labels of scopes; `*` stands for any run of characters.
    package var labels: [String]
    /// Epochs of the scopes; nil for any.
    package var firstEpoch: UInt64?
    package var lastEpoch: UInt64?
    /// Milliseconds since 1970; nil: as the epochs say.
    package var from: UInt64?
    package var to: UInt64?
    /// Text of the policy; it is put into its canonical form.
    package var policy: String
    /// The registered circuit that proofs are for, 64 hexadecimal digits; nil: no policy is stated for proofs, and
    /// stewards decide about each request.
    package var circuit: String?
    /// Length of the permission that a proof brings; 0: stewards decide.
    package var permissionSeconds: UInt64
    package var keywords: [String]
    package var singleControl: Bool

    enum CodingKeys: String, CodingKey {
        case dataset, labels, from, to, policy, circuit, keywords
        case firstEpoch = "first_epoch"
        case lastEpoch = "last_epoch"
        case permissionSeconds = "permission_seconds"
        case singleControl = "single_control"
    }

    package init(
        dataset: String,
        labels: [String],
        firstEpoch: UInt64? = nil,
        lastEpoch: UInt64? = nil,
        from: UInt64? = nil,
        to: UInt64? = nil,
        policy: String,
        circuit: String? = nil,
        permissionSeconds: UInt64 = 0,
        keywords: [String] = [],
        singleControl: Bool = false
    ) {
        self.dataset = dataset
        self.labels = labels
        self.firstEpoch = firstEpoch
        self.lastEpoch = lastEpoch
        self.from = from
        self.to = to
        self.policy = policy
        self.circuit = circuit
        self.permissionSeconds = permissionSeconds
        self.keywords = keywords
        self.singleControl = singleControl
    }
}

/// A data set's order, checked against the scopes that there are: what is published from then on, also after a restart.
struct DatasetPlan: Sendable, Codable, Equatable {
    /// Scopes, keywords and their limits are those of the chain.
    static let scopesMax = 256
    static let keywordsMax = 64

    let order: DatasetOrder
    /// Digests, 64 hexadecimal digits each, ascending.
    let scopes: [String]
    /// Milliseconds since 1970.
    let from: UInt64
    let to: UInt64
    /// Canonical text.
    let policy: String
    /// Of the keywords' key.
    let epoch: UInt64

    var id: [UInt8] { [UInt8](hex: self.order.dataset) ?? [] }
    var scopeDigests: [[UInt8]] { self.scopes.compactMap { [UInt8](hex: $0) } }
    var circuit: [UInt8]? { self.order.circuit.flatMap { [UInt8](hex: $0) } }

    /// - Parameters:
    ///   - order: as it came.
    ///   - known: all scopes of the custodian.
    ///   - epochSeconds: length of an epoch.
    /// - Throws: ``DatasetError/order(_:)`` with what is wrong.
    init(_ order: DatasetOrder, among known: [RegisteredScope], epochSeconds: UInt64) throws(DatasetError) {
        guard let id = [UInt8](hex: order.dataset), id.count == 32 else {
            throw .order("dataset must be 64 hexadecimal digits")
        }
        if let circuit = order.circuit {
            guard [UInt8](hex: circuit)?.count == 32 else { throw .order("circuit must be 64 hexadecimal digits") }
        }
        guard order.circuit != nil || order.permissionSeconds == 0 else {
            throw .order("permission_seconds needs a circuit: without proofs stewards decide")
        }
        guard (1...64).contains(order.labels.count), order.labels.allSatisfy({ (1...128).contains($0.utf8.count) })
        else { throw .order("labels must be 1 to 64 labels of scopes, with * for any run of characters") }
        guard order.firstEpoch ?? 0 <= order.lastEpoch ?? .max else { throw .order("the epochs end before they begin") }
        let patterns = order.labels.map { WildcardPattern(text: $0) }
        let epochs = (order.firstEpoch ?? 0)...(order.lastEpoch ?? .max)
        let scopes = known.filter { scope in
            scope.isForReadings && epochs.contains(scope.epoch)
                && patterns.contains { $0.matches(scope.label) }
        }
        guard !scopes.isEmpty else { throw .order("no scope of this custodian has such a label and epoch") }
        guard scopes.count <= Self.scopesMax else {
            throw .order("\(scopes.count) scopes; a data set has at most \(Self.scopesMax)")
        }
        let (first, last) = (scopes.map(\.epoch).min() ?? 0, scopes.map(\.epoch).max() ?? 0)
        self.from = order.from ?? first * epochSeconds * 1_000
        self.to = order.to ?? ((last + 1) * epochSeconds * 1_000 - 1)
        guard self.from <= self.to else { throw .order("from lies behind to") }
        do throws(ProtocolFailure) {
            self.policy = try AccessPolicy(order.policy).text
            guard order.keywords.count <= Self.keywordsMax else {
                throw ProtocolFailure(.format, "more than \(Self.keywordsMax) keywords")
            }
            for keyword in order.keywords { _ = try Keyword(keyword) }
        } catch { throw .order("\(error.detail)") }
        self.order = order
        self.scopes = scopes.map(\.digest).sorted { $0.lexicographicallyPrecedes($1) }.map(\.hex)
        self.epoch = self.from / 1_000 / epochSeconds
    }
}

/// Why a data set is not taken.
enum DatasetError: Error, Sendable, Equatable {
    /// The order is wrong, and how.
    case order(String)
    /// Another order has this identifier.
    case exists
    /// A scope is published under another policy; the data set that it is in.
    case anotherPolicy(String)
    case unknown
}
